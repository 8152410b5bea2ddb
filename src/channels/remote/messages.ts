// The messages between a side that has a channel and the side above it, which is, or leads to, the home of the channel.
// What each is for, and why no two can be mixed up: README.md beside.

/** To the side above. Numbers of channels, ends and operations are given by the side below, and mean something on this link only. */
export const Up = {
  /** channel, id: it is known here under this number from now on. */
  HAVE: 1,
  /** channel: nobody here has it any more. */
  LET_GO: 2,
  /** operation, flags, cases. */
  BEGIN: 3,
  /** operation: it shall not happen, unless it has. */
  WITHDRAW: 4,
  /** operation, permit, value. */
  FILL: 5,
  /** permit. */
  GIVE_BACK: 6,
  /** channel, end, sends. */
  OPEN_END: 7,
  /** channel, end, sends, id, giver: an end has arrived here. */
  HAVE_END: 8,
  /** channel, end, error. */
  CLOSE_END: 9,
  /** end, id, giver: it is on its way to somebody else. */
  GIVE_END: 10,
  /** channel, error. */
  CLOSE: 11,
  /** operation, channel: counts and state. */
  ASK: 12,
  /** channel, state: its home is above from now on. */
  MOVE: 13,
  /** name: under which this side holds ends. First of all. */
  HELLO: 14,
  /** channel, ends and values: they were taken over for a side further below, which did not live to see them. */
  RETURN: 15,
} as const;

/** Flags of BEGIN. */
export const ONCE = 1;
export const BIASED = 2;

/** What a case does. */
export const SEND = 0;
export const RECEIVE = 1;
export const RESERVE = 2;

/** Answers, to the side below: operation, case, and this. */
export const Answer = {
  SENT: 0,
  /** with the value. */
  VALUE: 1,
  /** No more values will come. */
  OVER: 2,
  CLOSED: 3,
  END_CLOSED: 4,
  BROKEN: 5,
  PERMIT: 6,
  NOT_READY: 7,
  WITHDRAWN: 8,
  /** with an error: of `close`, or why it failed. */
  FAILED: 9,
  STATE: 10,
} as const;
