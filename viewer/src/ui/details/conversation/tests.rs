//! Conversations in each spelling, and what is not one.

use throughline_model::store::TraceStore;

use super::*;
use crate::ui::details::sample::{self, Sample};

fn words(store: &TraceStore) -> Vec<String> {
    let part = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Thought(text) => format!("~{text}"),
        Part::Call {
            name,
            id,
            arguments,
        } => format!("{name}({}) {arguments}", id.as_deref().unwrap_or("")),
        Part::Answer { id, text } => format!("= ({}) {text}", id.as_deref().unwrap_or("")),
        Part::Media(words) => format!("[{words}]"),
        Part::Other(kind, text) => format!("?{kind} {text}"),
    };
    let turn = |turn: Turn| {
        let parts: Vec<String> = turn.parts.iter().map(part).collect();
        let name = turn
            .name
            .map_or_else(String::new, |name| format!(" {name}"));
        let ended = turn
            .ended
            .map_or_else(String::new, |end| format!(" .{end}"));
        format!("{}{name}: {}{ended}", turn.role.words(), parts.join(" | "))
    };
    turns(store.span(0)).into_iter().map(turn).collect()
}

fn check(attributes: &[(&'static str, &'static str)], expected: &[&str]) {
    let attributes: Vec<_> = attributes
        .iter()
        .map(|(key, value)| (*key, Sample::Str(value)))
        .collect();
    assert_eq!(
        words(&sample::attributes(&attributes)),
        expected,
        "{:?}",
        attributes.first().map(|(key, _)| key)
    );
}

#[test]
fn messages_of_the_current_conventions() {
    check(
        &[
            (
                "gen_ai.system_instructions",
                r#"[{"type":"text","content":"Be kind."}]"#,
            ),
            (
                "gen_ai.input.messages",
                r#"[{"role":"user","parts":[{"type":"text","content":"Where is\nit?"},
                    {"type":"blob","modality":"image","mime_type":"image/png","content":"AAAA"}]},
                   {"role":"assistant","parts":[{"type":"reasoning","content":"hm"},
                    {"type":"tool_call","id":"c1","name":"find","arguments":{"id":42}}]},
                   {"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":"here"}]}]"#,
            ),
            (
                "gen_ai.output.messages",
                r#"[{"role":"assistant","name":"clerk","parts":[{"type":"text","content":"Here."}],"finish_reason":"stop"}]"#,
            ),
        ],
        &[
            "System: Be kind.",
            "User: Where is\nit? | [image, image/png, 3 B not shown]",
            "Assistant: ~hm | find(c1) {\n  \"id\": 42\n}",
            "Tool: = (c1) here",
            "Assistant clerk: Here. .stop",
        ],
    );
    // The same in structured form.
    let text = Sample::Map(vec![
        ("type", Sample::Str("text")),
        ("content", Sample::Str("Hi")),
    ]);
    let message = Sample::Map(vec![
        ("role", Sample::Str("user")),
        ("parts", Sample::Array(vec![text])),
    ]);
    let store = sample::attributes(&[("gen_ai.input.messages", Sample::Array(vec![message]))]);
    assert_eq!(words(&store), ["User: Hi"]);
}

#[test]
fn former_spellings() {
    check(
        &[
            ("gen_ai.prompt.1.role", "assistant"),
            ("gen_ai.prompt.1.tool_calls.0.name", "find"),
            ("gen_ai.prompt.1.tool_calls.0.id", "c1"),
            ("gen_ai.prompt.1.tool_calls.0.arguments", "{\"id\":42}"),
            ("gen_ai.prompt.0.role", "user"),
            ("gen_ai.prompt.0.content", "[hello"),
            ("gen_ai.prompt.2.role", "tool"),
            ("gen_ai.prompt.2.tool_call_id", "c1"),
            ("gen_ai.prompt.2.content", "[1]"),
            ("gen_ai.completion.0.content", "hi there"),
            ("gen_ai.completion.0.role", "assistant"),
            ("gen_ai.completion.0.finish_reason", "stop"),
        ],
        &[
            "User: [hello",
            "Assistant: find(c1) {\n  \"id\": 42\n}",
            "Tool: = (c1) [\n  1\n]",
            "Assistant: hi there .stop",
        ],
    );
    check(
        &[
            ("llm.input_messages.0.message.role", "system"),
            ("llm.input_messages.0.message.content", "Be kind."),
            ("llm.input_messages.1.message.role", "user"),
            (
                "llm.input_messages.1.message.contents.0.message_content.type",
                "text",
            ),
            (
                "llm.input_messages.1.message.contents.0.message_content.text",
                "Hi",
            ),
            (
                "llm.output_messages.0.message.tool_calls.0.tool_call.function.name",
                "find",
            ),
            (
                "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments",
                "{}",
            ),
        ],
        &["System: Be kind.", "User: Hi", "Assistant: find() {}"],
    );
    check(
        &[
            ("gen_ai.completion.0.content", "no role"),
            ("gen_ai.completion.id", "7"),
        ],
        &["Assistant: no role"],
    );
    check(
        &[(
            "gen_ai.prompt",
            r#"[{"role":"user","content":"old"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]}]"#,
        )],
        &["User: old", "Assistant: f(c) {\n  \"a\": 1\n}"],
    );
}

#[test]
fn messages_that_are_events() {
    let store = sample::events(&[
        (
            "gen_ai.system.message",
            &[("content", Sample::Str("Be kind."))],
        ),
        ("gen_ai.user.message", &[("content", Sample::Str("Hi"))]),
        ("cache miss", &[("content", Sample::Str("not one"))]),
        (
            "gen_ai.tool.message",
            &[("id", Sample::Str("c1")), ("content", Sample::Str("sunny"))],
        ),
        (
            "gen_ai.choice",
            &[(
                "body",
                Sample::Map(vec![
                    ("finish_reason", Sample::Str("stop")),
                    ("index", Sample::Int(0)),
                    (
                        "message",
                        Sample::Map(vec![("content", Sample::Str("Hello"))]),
                    ),
                ]),
            )],
        ),
    ]);
    let expected = [
        "System: Be kind.",
        "User: Hi",
        "Tool: = (c1) sunny",
        "Assistant: Hello .stop",
    ];
    assert_eq!(words(&store), expected);
    let store = sample::events(&[(
        "gen_ai.client.inference.operation.details",
        &[(
            "gen_ai.input.messages",
            Sample::Str(r#"[{"role":"user","parts":["Hi"]}]"#),
        )],
    )]);
    assert_eq!(words(&store), ["User: Hi"]);
}

#[test]
fn tools_say_what_they_were_given_and_gave() {
    check(
        &[
            ("gen_ai.tool.name", "find"),
            ("gen_ai.tool.call.id", "c1"),
            ("gen_ai.tool.call.arguments", "{\"id\":42}"),
            ("gen_ai.tool.call.result", "gone"),
        ],
        &["Tool: find(c1) {\n  \"id\": 42\n} | = () gone"],
    );
}

#[test]
fn what_is_no_conversation_stays_as_it_came() {
    let of = |text: &'static str, expected: &[&str]| {
        check(&[("gen_ai.input.messages", text)], expected);
    };
    of("[{\"role\":", &["User: [{\"role\":"]);
    of("<b>hi</b>", &["User: <b>hi</b>"]);
    of("[]", &[]);
    of("{}", &[]);
    of("[1,\"x\"]", &["User: 1 | x"]);
    of(
        r#"[{"role":7,"parts":"text"},{"role":"user","parts":[{"type":"dance","step":1}]},{"role":"user","parts":[[]]}]"#,
        &[
            "7: text",
            "User: ?dance {\n  \"type\": \"dance\",\n  \"step\": 1\n}",
            "User: ?part []",
        ],
    );
    of(
        r#"{"foo":{"bar":1}}"#,
        &["User: ?message {\n  \"foo\": {\n    \"bar\": 1\n  }\n}"],
    );
    check(&[], &[]);
    check(&[("gen_ai.prompt.name", "analyze")], &[]);
    check(&[("gen_ai.prompt.99999999999.role", "user")], &[]);
}

#[test]
fn long_parts_fold() {
    let check = |text: &str, expected: Option<usize>| {
        let (head, long) = folded(text);
        assert_eq!(long.then_some(head.chars().count()), expected);
    };
    check("short", None);
    check(&"x".repeat(FOLDED_BYTES), None);
    check(&"x".repeat(FOLDED_BYTES + 1), Some(FOLDED_BYTES + 1));
    check(&"ab\n".repeat(FOLDED_LINES + 3), Some(FOLDED_LINES * 3));
}
