// Preloaded before libfaketime: timers are the kernel's own again.
//
// libfaketime moves every timer of `timerfd_settime` with the time of day. It also moves those of the monotonic clocks, in
// spite of FAKETIME_DONT_FAKE_MONOTONIC (its issue 378). With the time of day an hour back, a task of Swift's runtime that
// sleeps then sleeps for an hour.
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

int timerfd_settime(int timer, int flags, const struct itimerspec *next, struct itimerspec *last) {
    return (int)syscall(SYS_timerfd_settime, timer, flags, next, last);
}

int timerfd_gettime(int timer, struct itimerspec *left) { return (int)syscall(SYS_timerfd_gettime, timer, left); }
