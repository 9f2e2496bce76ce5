//! Traces of several languages, line by line.

use super::*;

/// Each line as its kind: `h`ead, `o`wn, `l`ibrary, `c`ause.
fn check(text: &str, expected: &str) {
    let kinds: String = lines(text)
        .iter()
        .map(|line| match line.kind {
            Kind::Head => 'h',
            Kind::Own => 'o',
            Kind::Library => 'l',
            Kind::Cause => 'c',
        })
        .collect();
    assert_eq!(kinds, expected, "{text}");
}

#[test]
fn frames_of_the_user_and_of_libraries() {
    check(
        "java.lang.IllegalStateException: cart 42 is locked\n\
         \tat com.shop.cart.Layer1.call(Layer1.java:7)\n\
         \tat java.base/java.lang.Thread.run(Thread.java:840)\n\
         \tat org.springframework.web.X.y(X.java:1)\n\
         Caused by: java.sql.SQLTimeoutException: lock wait timeout\n\
         \tat app//com.shop.Db.exec(Db.java:99)\n\
         \t... 29 more",
        "hollcol",
    );
    check(
        "Traceback (most recent call last):\n  \
           File \"/usr/lib/python3.12/site-packages/flask/app.py\", line 1, in wsgi\n    \
             rv = f()\n  \
           File \"/app/pay.py\", line 12, in pay\n    \
             charge()\n\
         ValueError: no\n\n\
         During handling of the above exception, another exception occurred:\n",
        "hlloohhc",
    );
    check(
        "TypeError: x is undefined\n    \
           at pay (/app/src/pay.js:12:7)\n    \
           at async Layer.handle (/app/node_modules/express/layer.js:95:5)\n    \
           at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\n  \
         [cause]: Error: y\n",
        "hollc",
    );
    check(
        "panic: boom\n\n\
         goroutine 1 [running]:\n\
         main.pay(0xc000, 0x1)\n\
         \t/app/pay.go:12 +0x1d\n\
         net/http.HandlerFunc.ServeHTTP(...)\n\
         \t/usr/local/go/src/net/http/server.go:2136 +0x29\n\
         github.com/x/y.Do(0x1)\n\
         \t/home/u/go/pkg/mod/github.com/x/y@v1/y.go:3 +0x1\n\
         created by main.main in goroutine 7\n\
         \t/app/main.go:5 +0x2",
        "hhhoolllloo",
    );
    check(
        "System.InvalidOperationException: locked\n \
          ---> System.TimeoutException: late\n   \
          at Shop.Db.Exec(String sql) in /src/Db.cs:line 12\n   \
          --- End of inner exception stack trace ---\n   \
          at Shop.Cart.Lock() in /src/Cart.cs:line 7\n   \
          at Microsoft.AspNetCore.Http.RequestDelegate.Invoke()",
        "hcocol",
    );
    check(
        "app/pay.rb:12:in 'charge': no (RuntimeError)\n\
         \tfrom /usr/lib/ruby/gems/3.3.0/gems/rack-3.0/lib/rack.rb:1:in 'call'\n\
         \tfrom app/main.rb:3:in `<main>'",
        "olo",
    );
    check(
        "thread 'main' panicked at src/main.rs:2:5:\nstack backtrace:\n   \
           0: rust_begin_unwind\n             at /rustc/90b35a/library/std/src/panicking.rs:645:5\n   \
           1: <core::option::Option<T> as X>::f\n   \
           2: shop::pay\n             at ./src/main.rs:2:5\n   \
           3: serde::x\n             at /home/u/.cargo/registry/src/serde-1.0/src/lib.rs:1:1",
        "hhlllooll",
    );
    check("just words\nand more (of them)", "hh");
    check("", "");
}

#[test]
fn tabs_are_two_spaces() {
    let texts: Vec<String> = lines("x\n\tat a.b(C.java:1)")
        .into_iter()
        .map(|line| line.text)
        .collect();
    assert_eq!(texts, ["x", "  at a.b(C.java:1)"]);
}

#[test]
fn a_folded_trace_keeps_its_causes() {
    let trace = |frames: &[usize]| {
        let frames = frames.iter().enumerate().map(|(at, count)| {
            let head = if at == 0 { "E: x\n" } else { "Caused by: y\n" };
            format!("{head}{}", "\tat a.B.c(B.java:1)\n".repeat(*count))
        });
        lines(&frames.collect::<String>())
    };
    let check = |frames: &[usize], expected: &[(usize, usize)]| {
        assert_eq!(kept(&trace(frames)), expected, "{frames:?}");
    };
    check(&[3], &[(0, 4)]);
    check(&[15], &[(0, 16)]);
    check(&[30], &[(0, 8)]);
    check(&[30, 5], &[(0, 8), (31, 35)]);
    check(&[30, 2, 9], &[(0, 8), (31, 38)]);
    check(&[8, 20], &[(0, 13)]);
    check(&[30, 4], &[(0, 8), (31, 36)]);
}
