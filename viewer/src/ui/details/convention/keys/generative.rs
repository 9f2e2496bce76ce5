//! The keys of generative models: those of OpenTelemetry first, then those of OpenLLMetry and OpenInference.
//!
//! **Invariant:** a table; the current key stands before former ones.

use super::{ASKED_MODEL, Form, Line};

/// What is said of a call to a model, in order.
pub(super) const LINES: [Line; 27] = [
    Line(
        "provider",
        Form::Plain,
        &[
            "gen_ai.provider.name",
            "gen_ai.system",
            "llm.provider",
            "llm.system",
            "llm.vendor",
        ],
    ),
    Line(
        "operation",
        Form::Plain,
        &["gen_ai.operation.name", "llm.request.type"],
    ),
    Line(
        "model",
        Form::Plain,
        &[
            "gen_ai.response.model",
            "llm.response.model_name",
            "llm.response.model",
            "gen_ai.request.model",
            "llm.model_name",
            "llm.request.model_name",
            "llm.request.model",
        ],
    ),
    Line(
        ASKED_MODEL,
        Form::Plain,
        &[
            "gen_ai.request.model",
            "llm.request.model_name",
            "llm.request.model",
        ],
    ),
    Line("agent", Form::Plain, &["gen_ai.agent.name"]),
    Line("tool", Form::Plain, &["gen_ai.tool.name", "tool.name"]),
    Line("conversation", Form::Plain, &["gen_ai.conversation.id"]),
    Line(
        "tokens in",
        Form::Count,
        &[
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.prompt_tokens",
            "llm.token_count.prompt",
            "llm.usage.prompt_tokens",
        ],
    ),
    Line(
        "of them cached",
        Form::Count,
        &[
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_read_input_tokens",
            "gen_ai.usage.input_tokens.cached",
            "gen_ai.usage.details.cache_read_tokens",
            "llm.token_count.prompt_details.cache_read",
        ],
    ),
    Line(
        "put into the cache",
        Form::Count,
        &[
            "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.cache_creation_input_tokens",
            "gen_ai.usage.details.cache_write_tokens",
            "llm.token_count.prompt_details.cache_write",
        ],
    ),
    Line(
        "tokens out",
        Form::Count,
        &[
            "gen_ai.usage.output_tokens",
            "gen_ai.usage.completion_tokens",
            "llm.token_count.completion",
            "llm.usage.completion_tokens",
        ],
    ),
    Line(
        "of them reasoning",
        Form::Count,
        &[
            "gen_ai.usage.reasoning.output_tokens",
            "gen_ai.usage.reasoning_tokens",
            "gen_ai.usage.details.reasoning_tokens",
            "llm.token_count.completion_details.reasoning",
        ],
    ),
    Line(
        "tokens together",
        Form::Count,
        &[
            "gen_ai.usage.total_tokens",
            "llm.usage.total_tokens",
            "llm.token_count.total",
        ],
    ),
    Line(
        "cost",
        Form::Cost,
        &[
            "gen_ai.usage.cost",
            "gen_ai.usage.cost_usd",
            "gen_ai.usage.total_cost",
            "gen_ai.cost.total",
            "llm.cost.total",
            "llm.cost_usd",
            "operation.cost",
        ],
    ),
    Line(
        "ended by",
        Form::Reasons,
        &[
            "gen_ai.response.finish_reasons",
            "gen_ai.response.finish_reason",
            "llm.response.finish_reason",
            "llm.finish_reason",
            "llm.response.stop_reason",
        ],
    ),
    Line(
        "temperature",
        Form::Plain,
        &["gen_ai.request.temperature", "llm.temperature"],
    ),
    Line(
        "max tokens",
        Form::Count,
        &["gen_ai.request.max_tokens", "llm.request.max_tokens"],
    ),
    Line("top p", Form::Plain, &["gen_ai.request.top_p", "llm.top_p"]),
    Line("top k", Form::Plain, &["gen_ai.request.top_k", "llm.top_k"]),
    Line(
        "frequency penalty",
        Form::Plain,
        &["gen_ai.request.frequency_penalty", "llm.frequency_penalty"],
    ),
    Line(
        "presence penalty",
        Form::Plain,
        &["gen_ai.request.presence_penalty", "llm.presence_penalty"],
    ),
    Line("seed", Form::Plain, &["gen_ai.request.seed"]),
    Line(
        "stop sequences",
        Form::Plain,
        &["gen_ai.request.stop_sequences", "llm.chat.stop_sequences"],
    ),
    Line("choices", Form::Count, &["gen_ai.request.choice.count"]),
    Line("output", Form::Plain, &["gen_ai.output.type"]),
    Line("parameters", Form::Plain, &["llm.invocation_parameters"]),
    Line(
        "response",
        Form::Plain,
        &["gen_ai.response.id", "llm.response.id"],
    ),
];
