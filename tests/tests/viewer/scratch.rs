use throughline_tests::{browser::Page, in_chromium};
use crate::made;
in_chromium! { scratch }
fn scratch(page: &Page<'_>) {
    made::open(page);
    let drawn = || page.js("return [...document.querySelectorAll('canvas')].map((canvas) => canvas.className + ' ' + canvas.width + 'x' + canvas.height + ' ' + [...canvas.toDataURL()].reduce((h,c)=>(h*31+c.charCodeAt(0))|0,7))");
    eprintln!("{}", drawn());
    page.keys("/SELECT");
    std::thread::sleep(std::time::Duration::from_secs(1));
    eprintln!("{}", drawn());
    page.keys("\u{e007}");
    std::thread::sleep(std::time::Duration::from_secs(1));
    eprintln!("{}", drawn());
    page.js("document.activeElement.blur()");
    page.keys("tt");
    std::thread::sleep(std::time::Duration::from_secs(1));
    eprintln!("{}", drawn());
    eprintln!("{:?}", page.session.js_async("await new Promise(r=>requestAnimationFrame(r)); return 1", &[]));
    page.keys("2");
    page.keys("3");
    std::thread::sleep(std::time::Duration::from_secs(1));
    page.keys("2");
    std::thread::sleep(std::time::Duration::from_secs(1));
    eprintln!("{}", drawn());
    eprintln!("{:#}", page.state());
    panic!();
}
