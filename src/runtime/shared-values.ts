// How shared locks travel: as the place in memory where they lie. A worker loads this with its boot file, so that it understands an
// argument whose class the task's own module never names.
import { SharedArena, SharedCounter, StructRecord } from "../sync/shared/arena.ts";
import { SharedBarrier } from "../sync/shared/barrier.ts";
import { type ConditionPlace, SharedCondition } from "../sync/shared/condition.ts";
import { SharedEvent } from "../sync/shared/event.ts";
import { SharedMutex } from "../sync/shared/mutex.ts";
import { SharedOnce } from "../sync/shared/once.ts";
import { atPlace, type Place, placeOfLock } from "../sync/shared/place.ts";
import { SharedRWLock } from "../sync/shared/rw-lock.ts";
import { SharedSemaphore } from "../sync/shared/semaphore.ts";
import { serializable } from "../wire/codec.ts";

const encode = (lock: object): Place => placeOfLock(lock);

// By names of their own, because a bundler may rename classes.
for (const [name, cls] of Object.entries({ SharedMutex, SharedRWLock, SharedEvent, SharedOnce })) {
  serializable(cls, { name: `brigade.${name}`, encode, decode: (place: Place) => new cls(atPlace(place)) as never });
}
serializable(SharedSemaphore, {
  name: "brigade.SharedSemaphore",
  encode,
  decode: (place) => {
    const { permits } = place as Place & { readonly permits: number };
    return new SharedSemaphore(permits, atPlace(place as Place));
  },
});
serializable(SharedBarrier, {
  name: "brigade.SharedBarrier",
  encode,
  decode: (place) => {
    const { parties } = place as Place & { readonly parties: number };
    return new SharedBarrier(parties, atPlace(place as Place));
  },
});
serializable(SharedCondition, {
  name: "brigade.SharedCondition",
  encode,
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
