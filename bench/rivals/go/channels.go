package main

const buffered = 128

// handover passes n values between two goroutines over unbuffered channels.
func handover(n int) {
	there, back := make(chan int), make(chan int)
	go func() {
		for i := 0; i < n/2; i++ {
			back <- <-there
		}
	}()
	for i := 0; i < n/2; i++ {
		there <- i
		<-back
	}
}

// trySend puts n values into a channel and takes each out again, never waiting.
func trySend(n int) {
	channel := make(chan int, buffered)
	for i := 0; i < n; i++ {
		select {
		case channel <- i:
		default:
		}
		select {
		case <-channel:
		default:
		}
	}
}

// send puts n values into a channel that has room and takes each out again.
func send(n int) {
	channel := make(chan int, buffered)
	for i := 0; i < n; i++ {
		channel <- i
		<-channel
	}
}

// selectOne chooses n times between two channels, of which one and the other by turns has a value.
func selectOne(n int) {
	one, other := make(chan int, 1), make(chan int, 1)
	for i := 0; i < n; i++ {
		if i%2 == 0 {
			one <- i
		} else {
			other <- i
		}
		select {
		case <-one:
		case <-other:
		}
	}
}
