// Channels travel between threads. A worker loads this with its boot file, so that it understands an argument whose class the task's own
// module never names.
import { letChannelsTravel } from "../channels/shared/travel.ts";

letChannelsTravel();
