//! Turns of a conversation from the attributes and events of a span, in every spelling that the conventions had.
//!
//! | whose | where |
//! |---|---|
//! | OpenTelemetry | `gen_ai.system_instructions`, `gen_ai.input.messages`, `gen_ai.output.messages`, on the span or on the event with the details of the call |
//! | OpenTelemetry, before | events `gen_ai.user.message` and the like, `gen_ai.choice`; `gen_ai.prompt`, `gen_ai.completion` |
//! | OpenLLMetry | `gen_ai.prompt.0.role`, `gen_ai.completion.0.content`, `llm.prompts.0.content` |
//! | OpenInference | `llm.input_messages.0.message.role`, `llm.output_messages.0.message.tool_calls.0.tool_call.function.name` |
//!
//! **Invariant:** pure. The first spelling that says something is taken; what is not as it should be becomes a text.

use throughline_model::store::{EventRef, SpanRef, ValueList};

use super::{
    super::node::Node,
    flat,
    message::{Part, Role, Turn, of_message, of_messages},
};

/// The event that may hold what the span does not.
const DETAILS_EVENT: &str = "gen_ai.client.inference.operation.details";

/// The turns of a span in order: instructions, what went in, what came out.
pub fn turns(span: SpanRef<'_>) -> Vec<Turn> {
    let own = span.attributes();
    let sides = [
        of_attributes(own, &["gen_ai.system_instructions"], &[], &Role::System),
        of_attributes(
            own,
            &[
                "gen_ai.input.messages",
                "gen_ai.prompt",
                "llm.input_messages",
            ],
            &["gen_ai.prompt", "llm.input_messages", "llm.prompts"],
            &Role::User,
        ),
        of_attributes(
            own,
            &[
                "gen_ai.output.messages",
                "gen_ai.completion",
                "llm.output_messages",
            ],
            &[
                "gen_ai.completion",
                "llm.output_messages",
                "llm.completions",
            ],
            &Role::Assistant,
        ),
    ];
    let mut turns: Vec<Turn> = sides.into_iter().flatten().collect();
    if turns.is_empty() {
        turns = span.events().flat_map(of_event).collect();
    }
    turns.extend(of_tool(own));
    turns
}

/// From a key with all messages, else from keys with numbers.
fn of_attributes(
    attributes: ValueList<'_>,
    keys: &[&str],
    prefixes: &[&str],
    role: &Role,
) -> Vec<Turn> {
    let whole = keys
        .iter()
        .find_map(|key| attributes.get(key).and_then(Node::of));
    let spread = || {
        prefixes
            .iter()
            .find_map(|prefix| flat::list(attributes, prefix))
    };
    whole
        .or_else(spread)
        .map_or_else(Vec::new, |node| of_messages(&node, role))
}

/// An event that is a message, or that holds them all.
fn of_event(event: EventRef<'_>) -> Vec<Turn> {
    let attributes = event.attributes();
    let name = match event.name() {
        "" => attributes.get_str("event.name").unwrap_or_default(),
        name => name,
    };
    let role = match name {
        DETAILS_EVENT | "gen_ai.content.prompt" | "gen_ai.content.completion" => {
            let of = |key: &str, role| of_attributes(attributes, &[key], &[], &role);
            return [
                of("gen_ai.system_instructions", Role::System),
                of("gen_ai.input.messages", Role::User),
                of("gen_ai.prompt", Role::User),
                of("gen_ai.output.messages", Role::Assistant),
                of("gen_ai.completion", Role::Assistant),
            ]
            .concat();
        }
        "gen_ai.choice" => "assistant",
        name => {
            let word = name
                .strip_prefix("gen_ai.")
                .and_then(|rest| rest.strip_suffix(".message"));
            let Some(word) = word else {
                return Vec::new();
            };
            word
        }
    };
    // A log has it in its body, an event of a span in its attributes.
    let body = attributes.get("body").and_then(Node::of);
    let entries = || {
        let entry = |(key, value): (&str, _)| Some((key.into(), Node::of(value)?));
        Node::map(attributes.iter().filter_map(entry).collect())
    };
    let node = body
        .filter(|body| !body.entries().is_empty())
        .unwrap_or_else(entries);
    of_message(&node, &Role::of(role)).into_iter().collect()
}

/// The run of a tool: what it was given and what it gave.
fn of_tool(attributes: ValueList<'_>) -> Option<Turn> {
    let value = |key: &str| attributes.get(key).and_then(Node::of);
    let given = value("gen_ai.tool.call.arguments");
    let result = value("gen_ai.tool.call.result");
    let id = attributes.get_str("gen_ai.tool.call.id").map(str::to_owned);
    let name = attributes.get_str("gen_ai.tool.name").unwrap_or("a tool");
    let call = given.map(|given| Part::Call {
        name: name.to_owned(),
        id: id.clone(),
        arguments: given.readable(),
    });
    let answer = result.map(|result| Part::Answer {
        id: id.filter(|_| call.is_none()),
        text: result.readable(),
    });
    let parts: Vec<Part> = call.into_iter().chain(answer).collect();
    (!parts.is_empty()).then_some(Turn {
        role: Role::Tool,
        name: None,
        parts,
        ended: None,
    })
}
