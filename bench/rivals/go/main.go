// Command rivals takes one sample of goroutines, channels or mutexes: `rivals SECTION/WORKLOAD SIZE TIME_MS` prints
// `{"value":...}`. The rules are those of measure/per-operation.ts and measure/suspended-bytes.ts.
package main

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"time"
)

const (
	fewestBatches = 3
	patience      = 20
)

// workload takes one sample, in the unit of its case.
type workload func(size int, timeMs float64) float64

// perOperation makes a sample of run(n), which does n operations: the median of batches, in nanoseconds for one.
func perOperation(run func(n int)) workload {
	return func(size int, timeMs float64) float64 {
		batch := func() float64 {
			started := time.Now()
			run(size)
			return float64(time.Since(started).Nanoseconds()) / 1e6
		}
		for spent := 0.0; spent < timeMs; {
			took := batch()
			if took > timeMs*patience {
				return took * 1e6 / float64(size)
			}
			spent += took
		}
		var values []float64
		for spent := 0.0; spent < timeMs || (len(values) < fewestBatches && spent < timeMs*10); {
			took := batch()
			spent += took
			values = append(values, took*1e6/float64(size))
		}
		sort.Float64s(values)
		return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
	}
}

var workloads = map[string]workload{
	"coroutines/task":       perOperation(task),
	"coroutines/task-bytes": suspendedBytes,
	"channels/handover":     perOperation(handover),
	"channels/try-send":     perOperation(trySend),
	"channels/send":         perOperation(send),
	"channels/select":       perOperation(selectOne),
	"locks/try":             perOperation(try),
	"locks/with":            perOperation(with),
	"locks/contended-1000":  perOperation(contended),
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("this program is started by npm run bench")
	}
	take, known := workloads[args[0]]
	if !known {
		return fmt.Errorf("there is no workload %q", args[0])
	}
	size, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	timeMs, err := strconv.ParseFloat(args[2], 64)
	if err != nil {
		return err
	}
	fmt.Printf("{\"value\":%v}\n", take(size, timeMs))
	return nil
}
