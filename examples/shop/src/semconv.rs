//! The attribute names of the OpenTelemetry semantic conventions that the shop uses.
//!
//! **Invariant:** names only; no values, no logic.

pub const APP_CURRENCY: &str = "app.currency";
pub const APP_CUSTOMER: &str = "app.customer.id";
pub const APP_ITEMS: &str = "app.items";
pub const APP_ORDER: &str = "app.order.id";
pub const APP_SIMULATED_WAIT: &str = "app.simulated_wait_ms";
pub const APP_TOTAL: &str = "app.total_cents";
pub const CLIENT_ADDRESS: &str = "client.address";
pub const CODE_FUNCTION: &str = "code.function.name";
pub const DB_COLLECTION: &str = "db.collection.name";
pub const DB_NAMESPACE: &str = "db.namespace";
pub const DB_OPERATION: &str = "db.operation.name";
pub const DB_QUERY_SUMMARY: &str = "db.query.summary";
pub const DB_QUERY_TEXT: &str = "db.query.text";
pub const DB_RETURNED_ROWS: &str = "db.response.returned_rows";
pub const DB_SYSTEM: &str = "db.system.name";
pub const ERROR_TYPE: &str = "error.type";
pub const EXCEPTION_MESSAGE: &str = "exception.message";
pub const EXCEPTION_STACKTRACE: &str = "exception.stacktrace";
pub const EXCEPTION_TYPE: &str = "exception.type";
pub const HTTP_METHOD: &str = "http.request.method";
pub const HTTP_RESEND_COUNT: &str = "http.request.resend_count";
pub const HTTP_ROUTE: &str = "http.route";
pub const HTTP_STATUS: &str = "http.response.status_code";
pub const MESSAGING_DESTINATION: &str = "messaging.destination.name";
pub const MESSAGING_MESSAGE_ID: &str = "messaging.message.id";
pub const MESSAGING_OPERATION_NAME: &str = "messaging.operation.name";
pub const MESSAGING_OPERATION_TYPE: &str = "messaging.operation.type";
pub const MESSAGING_SYSTEM: &str = "messaging.system";
pub const NETWORK_PROTOCOL_VERSION: &str = "network.protocol.version";
pub const PEER_SERVICE: &str = "peer.service";
pub const SERVER_ADDRESS: &str = "server.address";
pub const SERVER_PORT: &str = "server.port";
pub const THREAD_ID: &str = "thread.id";
pub const URL_FULL: &str = "url.full";
pub const URL_PATH: &str = "url.path";
pub const URL_SCHEME: &str = "url.scheme";
pub const USER_AGENT: &str = "user_agent.original";
