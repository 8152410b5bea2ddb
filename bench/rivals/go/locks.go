package main

import (
	"runtime"
	"sync"
)

const contenders = 1000

// try takes and gives back a free mutex n times, never waiting.
func try(n int) {
	var mutex sync.Mutex
	for i := 0; i < n; i++ {
		if mutex.TryLock() {
			mutex.Unlock()
		}
	}
}

// with runs a function under a free mutex n times.
func with(n int) {
	var mutex sync.Mutex
	count := 0
	section := func() {
		mutex.Lock()
		defer mutex.Unlock()
		count++
	}
	for i := 0; i < n; i++ {
		section()
	}
}

// contended has a thousand goroutines take one mutex, n times in all; each gives way once while it holds it.
func contended(n int) {
	var mutex sync.Mutex
	var all sync.WaitGroup
	all.Add(contenders)
	for i := 0; i < contenders; i++ {
		go func() {
			defer all.Done()
			for j := 0; j < n/contenders; j++ {
				mutex.Lock()
				runtime.Gosched()
				mutex.Unlock()
			}
		}()
	}
	all.Wait()
}
