package main

import (
	"runtime"
	"sync"
)

// task starts n goroutines, each of which gives way once, and joins them.
func task(n int) {
	var all sync.WaitGroup
	all.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			runtime.Gosched()
			all.Done()
		}()
	}
	all.Wait()
}

// suspendedBytes is what one waiting goroutine adds to the memory in use, stacks included.
func suspendedBytes(size int, _ float64) float64 {
	var entered, all sync.WaitGroup
	opened := make(chan struct{})
	entered.Add(size)
	all.Add(size)
	before := inUse()
	for i := 0; i < size; i++ {
		go func() {
			entered.Done()
			<-opened
			all.Done()
		}()
	}
	entered.Wait()
	after := inUse()
	close(opened)
	all.Wait()
	return float64(after-before) / float64(size)
}

func inUse() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc + stats.StackInuse)
}
