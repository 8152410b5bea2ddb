// The first byte of every encoded value. README.md beside this file lists what follows each tag. Numbers are never reused:
// a new kind takes the next free one, and a change of meaning takes a new FORMAT.

/** First byte of a message: format 1, numbers of typed arrays in little-endian order. */
export const FORMAT_LITTLE_ENDIAN = 0xb1;
/** First byte of a message: format 1, numbers of typed arrays in big-endian order. */
export const FORMAT_BIG_ENDIAN = 0xb2;

export const UNDEFINED = 0x00;
export const NULL = 0x01;
export const FALSE = 0x02;
export const TRUE = 0x03;
export const INTEGER = 0x04;
export const FLOAT = 0x05;
export const BIGINT = 0x06;
export const NEGATIVE_BIGINT = 0x07;
export const STRING_LATIN1 = 0x08;
export const STRING_UTF16 = 0x09;
/** An object met before, by its number. */
export const REFERENCE = 0x0a;
export const HANDLE = 0x0b;
export const ATTACHMENT = 0x0c;

export const OBJECT = 0x10;
export const NULL_PROTOTYPE_OBJECT = 0x11;
/** An array without holes and extra properties. */
export const ARRAY = 0x12;
/** Any other array. */
export const SPARSE_ARRAY = 0x13;
export const MAP = 0x14;
export const SET = 0x15;
export const DATE = 0x16;
export const REGEXP = 0x17;
export const BOXED = 0x18;
export const ERROR = 0x19;
export const URL_OBJECT = 0x1a;
export const URL_SEARCH_PARAMS = 0x1b;
export const ARRAY_BUFFER = 0x1c;
export const RESIZABLE_ARRAY_BUFFER = 0x1d;
/** A typed array, DataView or Buffer over an ArrayBuffer that travels too. */
export const VIEW = 0x1e;
/** A Buffer that travels alone, without the pool it was cut from. */
export const OWN_BUFFER = 0x1f;
/** The next object is an instance of a registered class. */
export const INSTANCE = 0x20;
/** An instance of a registered class, made from data by the class. */
export const INSTANCE_FROM_DATA = 0x21;
/** A plain object whose keys, in this order, are a shape from here on. */
export const SHAPE = 0x22;
/** A plain object of a shape of this message. */
export const SHAPED = 0x23;

/** 0x40…0x7f: plain objects of the shapes 0…63. */
export const SMALL_SHAPE = 0x40;

/** 0x80…0xbf: the integers 0…63. */
export const SMALL_INTEGER = 0x80;
/** 0xc0…0xff: strings of 0…63 Latin-1 characters. */
export const SHORT_STRING = 0xc0;
/** How many shapes, small integers and lengths have a tag of their own. */
export const SMALL_LIMIT = 64;

// Flags before each property of an error.
export const NO_MORE_PROPERTIES = 0;
export const HIDDEN_PROPERTY = 1;
export const ENUMERABLE_PROPERTY = 2;

// How an error names a class.
export const BUILT_IN_CLASS = 0;
export const BRIGADE_CLASS = 1;
export const REGISTERED_CLASS = 2;
export const EXPORTED_CLASS = 3;

/** What a view is a view of; the index is written. `Buffer` is node's, the rest are the language's. */
export const VIEWS = [
  "DataView",
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
  "Float16Array",
  "Buffer",
] as const;
