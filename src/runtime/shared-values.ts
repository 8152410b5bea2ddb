// What is shared, and the value codec, which is brought to it here: how its parts travel, as the place in memory where they lie. A worker loads this with its boot file, so that it understands an
// argument whose class the task's own module never names.
import { SharedArena, SharedCounter, StructRecord } from "../sync/shared/arena.ts";
import { SharedBarrier } from "../sync/shared/barrier.ts";
import { SharedCell } from "../sync/shared/cell.ts";
import { type ConditionPlace, SharedCondition } from "../sync/shared/condition.ts";
import { SharedEvent } from "../sync/shared/event.ts";
import { SharedMap } from "../sync/shared/map.ts";
import { SharedMutex } from "../sync/shared/mutex.ts";
import { SharedOnce } from "../sync/shared/once.ts";
import { atPlace, type Place, placeOfLock } from "../sync/shared/place.ts";
import { SharedRing } from "../sync/shared/ring.ts";
import { SharedRWLock } from "../sync/shared/rw-lock.ts";
import { SharedSemaphore } from "../sync/shared/semaphore.ts";
import { useCodec } from "../sync/shared/value-codec.ts";
import { decode, decodeError, encode, encodeError, serializable } from "../wire/codec.ts";

useCodec({
  encode: (value) => encode(value, { root: "value" }).bytes,
  decode: (bytes) => decode({ bytes }),
  encodeError: (error) => encodeError(error, { root: "reason" }).bytes,
  decodeError: (bytes) => decodeError({ bytes }),
});

const encodeLock = (lock: object): Place => placeOfLock(lock);

// By names of their own, because a bundler may rename classes.
for (const [name, cls] of Object.entries({ SharedMutex, SharedRWLock, SharedEvent, SharedOnce })) {
  serializable(cls, { name: `brigade.${name}`, encode: encodeLock, decode: (place: Place) => new cls(atPlace(place)) as never });
}
serializable(SharedSemaphore, {
  name: "brigade.SharedSemaphore",
  encode: encodeLock,
  decode: (place) => {
    const { permits } = place as Place & { readonly permits: number };
    return new SharedSemaphore(permits, atPlace(place as Place));
  },
});
serializable(SharedBarrier, {
  name: "brigade.SharedBarrier",
  encode: encodeLock,
  decode: (place) => {
    const { parties } = place as Place & { readonly parties: number };
    return new SharedBarrier(parties, atPlace(place as Place));
  },
});
serializable(SharedCondition, {
  name: "brigade.SharedCondition",
  encode: encodeLock,
  decode: (place) => SharedCondition.at(place as ConditionPlace),
});
serializable(SharedArena as unknown as new () => SharedArena, {
  name: "brigade.SharedArena",
  encode: SharedArena.placeOf,
  decode: ({ buffer, name }) => SharedArena.at(buffer, name),
});
serializable(SharedCounter, { name: "brigade.SharedCounter", encode: ({ place }) => place, decode: (place) => new SharedCounter(place) });
serializable(StructRecord, {
  name: "brigade.SharedStruct",
  encode: StructRecord.placeOf,
  decode: ({ fields, ...place }) => new StructRecord(place, fields),
});
serializable(SharedRing, { name: "brigade.SharedRing", encode: SharedRing.placeOf, decode: (shape) => new SharedRing<unknown>(shape) });
serializable(SharedMap, {
  name: "brigade.SharedMap",
  encode: SharedMap.placeOf,
  decode: (shape) => new SharedMap<string | number | bigint, unknown>(shape),
});
serializable(SharedCell, { name: "brigade.AtomicCell", encode: SharedCell.placeOf, decode: (place) => new SharedCell<unknown>(place) });
