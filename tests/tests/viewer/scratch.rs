use throughline_tests::{browser::Page, in_chromium};
in_chromium! { scratch }
fn scratch(page: &Page<'_>) {
    page.open("?sample");
    page.first_rows();
    eprintln!("{}", page.js("return document.querySelector('[role=treegrid] [role=row]').outerHTML"));
    eprintln!("{}", page.js("return document.querySelector('[role=treegrid]').outerHTML.slice(0,400)"));
}
