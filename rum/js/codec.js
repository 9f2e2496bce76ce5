// OTLP's protobuf, as far as the core writes it, to and from the objects that OTLP's JSON
// consists of.

/** The fields of each message: number, then name and type. `[]` behind a name is for a list. */
const fields = (table) => {
  const schema = { numbers: {}, names: {} };
  for (const [number, name, type] of table) {
    const plain = name.replace('[]', '');
    const field = { number, name: plain, type, list: plain !== name };
    schema.numbers[number] = field;
    schema.names[plain] = field;
  }
  return schema;
};

const VALUE = fields([
  [1, 'stringValue', 'text'],
  [2, 'boolValue', 'bool'],
  [3, 'intValue', 'int'],
  [4, 'doubleValue', 'double'],
]);
const ATTRIBUTE = fields([
  [1, 'key', 'text'],
  [2, 'value', VALUE],
]);
const RESOURCE = fields([[1, 'attributes[]', ATTRIBUTE]]);
const SCOPE = fields([
  [1, 'name', 'text'],
  [2, 'version', 'text'],
]);
const EVENT = fields([
  [1, 'timeUnixNano', 'fixed64'],
  [2, 'name', 'text'],
]);
const LINK = fields([
  [1, 'traceId', 'hex'],
  [2, 'spanId', 'hex'],
]);
const STATUS = fields([[3, 'code', 'number']]);
const SPAN = fields([
  [1, 'traceId', 'hex'],
  [2, 'spanId', 'hex'],
  [4, 'parentSpanId', 'hex'],
  [5, 'name', 'text'],
  [6, 'kind', 'number'],
  [7, 'startTimeUnixNano', 'fixed64'],
  [8, 'endTimeUnixNano', 'fixed64'],
  [9, 'attributes[]', ATTRIBUTE],
  [11, 'events[]', EVENT],
  [13, 'links[]', LINK],
  [15, 'status', STATUS],
]);
const RECORD = fields([
  [1, 'timeUnixNano', 'fixed64'],
  [2, 'severityNumber', 'number'],
  [6, 'attributes[]', ATTRIBUTE],
  [8, 'flags', 'fixed32'],
  [9, 'traceId', 'hex'],
  [10, 'spanId', 'hex'],
  [12, 'eventName', 'text'],
]);
const request = (resources, scopes, records, record) =>
  fields([
    [
      1,
      resources,
      fields([
        [1, 'resource', RESOURCE],
        [
          2,
          scopes,
          fields([
            [1, 'scope', SCOPE],
            [2, records, record],
          ]),
        ],
      ]),
    ],
  ]);

/** The two kinds of requests. */
export const TRACES = request('resourceSpans[]', 'scopeSpans[]', 'spans[]', SPAN);
export const LOGS = request('resourceLogs[]', 'scopeLogs[]', 'logRecords[]', RECORD);

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** A message as an object. */
export const read = (bytes, schema) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const object = {};
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (!(byte > 127)) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const { name, type, list } = schema.numbers[tag >> 3];
    let value;
    if ((tag & 7) === 2) {
      const length = Number(varint());
      const part = bytes.subarray(at, (at += length));
      value =
        type === 'text'
          ? decoder.decode(part)
          : type === 'hex'
            ? Array.from(part, (byte) => byte.toString(16).padStart(2, '0')).join('')
            : read(part, type);
    } else if ((tag & 7) === 1) {
      value = type === 'double' ? view.getFloat64(at, true) : String(view.getBigUint64(at, true));
      at += 8;
    } else if ((tag & 7) === 5) {
      value = view.getUint32(at, true);
      at += 4;
    } else {
      const number = varint();
      value =
        type === 'bool'
          ? number > 0n
          : type === 'int'
            ? String(BigInt.asIntN(64, number))
            : Number(number);
    }
    if (list) (object[name] ??= []).push(value);
    else object[name] = value;
  }
  return object;
};

/** An object as a message. */
export const write = (object, schema) => Uint8Array.from(message(object, schema));

const message = (object, schema) => {
  const out = [];
  for (const name in object) {
    const { number, type, list } = schema.names[name];
    for (const value of list ? object[name] : [object[name]]) {
      if (type === 'fixed64' || type === 'double') {
        const bytes = new DataView(new ArrayBuffer(8));
        if (type === 'double') bytes.setFloat64(0, value, true);
        else bytes.setBigUint64(0, BigInt(value), true);
        out.push(...varint(number * 8 + 1), ...new Uint8Array(bytes.buffer));
      } else if (type === 'fixed32') {
        const bytes = new DataView(new ArrayBuffer(4));
        bytes.setUint32(0, value, true);
        out.push(...varint(number * 8 + 5), ...new Uint8Array(bytes.buffer));
      } else if (typeof type === 'object' || type === 'text' || type === 'hex') {
        const part =
          type === 'text'
            ? encoder.encode(value)
            : type === 'hex'
              ? value.match(/../g).map((pair) => parseInt(pair, 16))
              : message(value, type);
        out.push(...varint(number * 8 + 2), ...varint(part.length));
        // Not all at once: it may be more than there may be arguments.
        for (const byte of part) out.push(byte);
      } else {
        out.push(...varint(number * 8), ...varint(BigInt.asUintN(64, BigInt(value))));
      }
    }
  }
  return out;
};

const varint = (number) => {
  const bytes = [];
  let rest = BigInt(number);
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
};
