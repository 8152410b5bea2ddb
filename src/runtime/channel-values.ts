// Channels travel between threads, and to processes. A worker loads this with its boot file, so that it understands an argument whose class
// the task's own module never names.
import { find, handleOf } from "../channels/remote/handles.ts";
import { flushAnswers } from "../channels/remote/lower-link.ts";
import { openDownwards, openRoads, openUpwards, riseAll } from "../channels/remote/roads.ts";
import { letChannelsTravel } from "../channels/shared/travel.ts";
import { setChannelRoads } from "../executors/pool/channel-roads.ts";

letChannelsTravel();
openRoads();
setChannelRoads({ upwards: openUpwards, downwards: openDownwards, flush: flushAnswers, handleOf, find, rise: riseAll });
