#define _GNU_SOURCE
#include "CIsolation.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the system calls of this architecture are not listed"
#endif

// What libav, libcurl, the C library and Swift's runtime call to read, to wait and to keep memory.
static const int allowed[] = {
    SYS_read, SYS_readv, SYS_pread64, SYS_preadv, SYS_write, SYS_writev, SYS_pwrite64, SYS_lseek, SYS_close, SYS_fstat,
    SYS_newfstatat, SYS_statx, SYS_openat, SYS_readlinkat, SYS_faccessat, SYS_faccessat2, SYS_getdents64, SYS_getcwd,
    SYS_fcntl, SYS_dup, SYS_dup3, SYS_pipe2, SYS_ftruncate, SYS_ppoll, SYS_pselect6, SYS_eventfd2, SYS_epoll_create1,
    SYS_epoll_ctl, SYS_epoll_pwait, SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_futex, SYS_set_robust_list,
    SYS_get_robust_list, SYS_rseq, SYS_membarrier, SYS_sched_yield, SYS_sched_getaffinity, SYS_sched_getparam,
    SYS_sched_getscheduler, SYS_getcpu, SYS_getpid, SYS_gettid, SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
    SYS_getrandom, SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_times,
    SYS_getrusage, SYS_sysinfo, SYS_uname, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack,
    SYS_restart_syscall, SYS_exit, SYS_exit_group, SYS_sendmsg, SYS_recvmsg, SYS_sendto, SYS_recvfrom, SYS_shutdown,
#if defined(__x86_64__)
    SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_poll, SYS_select, SYS_dup2, SYS_pipe, SYS_epoll_wait,
    SYS_epoll_create, SYS_eventfd, SYS_time, SYS_arch_prctl,
#endif
};

static const int network[] = {
    SYS_connect, SYS_bind, SYS_getsockname, SYS_getpeername, SYS_setsockopt, SYS_getsockopt, SYS_sendmmsg, SYS_recvmmsg,
};

enum { MOST_INSTRUCTIONS = 400 };

struct program {
    struct sock_filter code[MOST_INSTRUCTIONS];
    unsigned short count;
};

static void put(struct program *program, struct sock_filter instruction) {
    if (program->count < MOST_INSTRUCTIONS) program->code[program->count++] = instruction;
}

static void statement(struct program *program, unsigned short code, unsigned int value) {
    put(program, (struct sock_filter)BPF_STMT(code, value));
}

static void jump(struct program *program, unsigned short code, unsigned int value, unsigned char yes, unsigned char no) {
    put(program, (struct sock_filter)BPF_JUMP(code, value, yes, no));
}

static void answer(struct program *program, unsigned int value) { statement(program, BPF_RET | BPF_K, value); }

static void allow(struct program *program, int call) {
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1);
    answer(program, SECCOMP_RET_ALLOW);
}

static void load_argument(struct program *program, int argument) {
    // The lower half: both architectures are little-endian.
    statement(program, BPF_LD | BPF_W | BPF_ABS, (unsigned)(offsetof(struct seccomp_data, args) + 8U * (unsigned)argument));
}

// Allows `call` if the bits `mask` of an argument are `bits`, and refuses it if not.
static void allow_if(struct program *program, int call, int argument, unsigned int mask, unsigned int bits) {
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 5);
    load_argument(program, argument);
    statement(program, BPF_ALU | BPF_AND | BPF_K, mask);
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, bits, 0, 1);
    answer(program, SECCOMP_RET_ALLOW);
    answer(program, SECCOMP_RET_ERRNO | EPERM);
}

// Allows `call` if an argument is one of `values`, and refuses it if not.
static void allow_values(struct program *program, int call, int argument, const unsigned int *values, unsigned char count) {
    jump(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, (unsigned char)(2 * count + 2));
    load_argument(program, argument);
    for (unsigned char index = 0; index < count; index++) {
        jump(program, BPF_JMP | BPF_JEQ | BPF_K, values[index], 0, 1);
        answer(program, SECCOMP_RET_ALLOW);
    }
    answer(program, SECCOMP_RET_ERRNO | EPERM);
}

int isolation_filter(int needs) {
    struct program program = {.count = 0};
    // A call of another architecture, such as a 32-bit one, has other numbers.
    statement(&program, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    jump(&program, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    answer(&program, SECCOMP_RET_KILL_PROCESS);
    statement(&program, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t index = 0; index < sizeof allowed / sizeof *allowed; index++) allow(&program, allowed[index]);
    if (needs & ISOLATION_NETWORK) {
        for (size_t index = 0; index < sizeof network / sizeof *network; index++) allow(&program, network[index]);
        // No Unix sockets: other services of this machine listen on them.
        const unsigned int families[] = {AF_INET, AF_INET6, AF_NETLINK};
        allow_values(&program, SYS_socket, 0, families, 3);
        // libcurl wakes its own waits by a pair.
        allow(&program, SYS_socketpair);
    }
    if (needs & ISOLATION_LISTENING) {
        allow(&program, SYS_listen);
        allow(&program, SYS_accept);
        allow(&program, SYS_accept4);
    }
    // A process can only give up more by these.
    if (needs & ISOLATION_ASKING) {
        allow(&program, SYS_landlock_create_ruleset);
        allow(&program, SYS_landlock_add_rule);
        allow(&program, SYS_landlock_restrict_self);
    }
    // No memory becomes code: what has to be loaded was loaded before.
    allow_if(&program, SYS_mmap, 2, PROT_EXEC, 0);
    allow_if(&program, SYS_mprotect, 2, PROT_EXEC, 0);
    // Threads, no processes. The C library falls back from clone3, whose flags no filter can see.
    allow_if(&program, SYS_clone, 0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM);
    jump(&program, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1);
    answer(&program, SECCOMP_RET_ERRNO | ENOSYS);
    const unsigned int names[] = {PR_SET_NAME, PR_GET_NAME, 0x53564d41 /* PR_SET_VMA: names of memory */};
    allow_values(&program, SYS_prctl, 0, names, 3);
    if (needs & ISOLATION_DEVICE) {
        allow(&program, SYS_ioctl);
    } else {
        // The last names the interfaces on which a camera that has moved is searched for.
        const unsigned int requests[] = {FIONREAD, FIONBIO, TCGETS, SIOCGIFINDEX};
        allow_values(&program, SYS_ioctl, 1, requests, needs & ISOLATION_ASKING ? 4 : 3);
    }
    // abort() signals its own process.
    allow_if(&program, SYS_tgkill, 0, ~0U, (unsigned)getpid());
    // A process may look at its own limits, and set none.
    allow_if(&program, SYS_prlimit64, 2, ~0U, 0);
    // For what is newer than this list the C library has an older way.
    jump(&program, BPF_JMP | BPF_JGE | BPF_K, 450, 0, 1);
    answer(&program, SECCOMP_RET_ERRNO | ENOSYS);
    answer(&program, SECCOMP_RET_ERRNO | EPERM);
    if (program.count >= MOST_INSTRUCTIONS) return E2BIG;
    struct sock_fprog filter = {.len = program.count, .filter = program.code};
    // All threads at once: the runtime may have started some.
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0) return 0;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0 ? errno : 0;
}
