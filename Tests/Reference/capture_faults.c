// Preloaded into capture processes by tests: makes the decoder of one stream do what a hostile camera might make it do.
//
// The stream is the one whose pictures are 96 pixels wide. What to do stands in the file beside this library, read before
// the process is confined; without the file nothing happens. It is done at the third picture; "ask" at any request over HTTP.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libavcodec/avcodec.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

// A word, and what it needs: paths and ports.
static char fault[32], journal[256], events[256];
static int other_port;

__attribute__((constructor)) static void read_fault(void) {
    char command[256] = "", path[512];
    int file = open("/proc/self/cmdline", O_RDONLY);
    ssize_t count = read(file, command, sizeof command - 1);
    close(file);
    if (count <= 0 || !memmem(command, (size_t)count, "capture-source", 14)) return;
    Dl_info self;
    if (!dladdr((void *)read_fault, &self)) return;
    snprintf(path, sizeof path, "%s.fault", self.dli_fname);
    FILE *wish = fopen(path, "r");
    if (!wish) return;
    if (fscanf(wish, "%31s %255s %255s %d", fault, journal, events, &other_port) < 1) fault[0] = 0;
    fclose(wish);
}

static void report(const char *what, int succeeded) {
    fprintf(stderr, "fault: %s %s\n", what, succeeded ? "SUCCEEDED" : "refused");
}

static void try_file(const char *what, const char *path, int flags) {
    int file = open(path, flags);
    report(what, file >= 0);
    if (file >= 0) close(file);
}

static void try_connection(const char *what, int family, const struct sockaddr *address, socklen_t length) {
    int socket_ = socket(family, SOCK_STREAM, 0);
    report(what, socket_ >= 0 && connect(socket_, address, length) == 0);
}

static void try_everything(void) {
    try_file("reading /etc/passwd", "/etc/passwd", O_RDONLY);
    try_file("reading the journal", journal, O_RDONLY);
    try_file("making a file", "/tmp/watchword-fault", O_WRONLY | O_CREAT);
    try_file("reading another process", "/proc/1/environ", O_RDONLY);
    struct sockaddr_in other = {.sin_family = AF_INET, .sin_port = htons((uint16_t)other_port)};
    other.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    try_connection("connecting to another camera", AF_INET, (struct sockaddr *)&other, sizeof other);
    struct sockaddr_un feed = {.sun_family = AF_UNIX};
    strncpy(feed.sun_path, events, sizeof feed.sun_path - 1);
    try_connection("connecting to the event socket", AF_UNIX, (struct sockaddr *)&feed, sizeof feed);
    report("tracing the daemon", ptrace(PTRACE_ATTACH, getppid(), 0, 0) == 0);
    report("signalling the daemon", kill(getppid(), 0) == 0);
    char *words[] = {"/bin/true", NULL};
    pid_t child = fork();
    if (child == 0) _exit(0);
    report("forking", child > 0);
    execv(words[0], words);
    report("executing", 0);
    fprintf(stderr, "fault: all tried\n");
}

// Numbers of messages are those of CaptureReport.
static void send_numbers(const int64_t *numbers, size_t bytes) { send(0, numbers, bytes, MSG_NOSIGNAL); }

static void leak(void) {
    enum { STEP = 16 << 20 };
    size_t taken = 0;
    for (; taken < (size_t)4 << 30; taken += STEP) {
        char *more = malloc(STEP);
        if (!more) break;
        memset(more, 1, STEP);
    }
    fprintf(stderr, "fault: leaked %zu MiB\n", taken >> 20);
    abort();
}

static void happen(void) {
    if (!strcmp(fault, "segv")) raise(SIGSEGV), *(volatile int *)8 = 1;
    if (!strcmp(fault, "abort")) abort();
    if (!strcmp(fault, "exit")) _exit(3);
    if (!strcmp(fault, "loop"))
        for (;;) __asm__ volatile("");
    if (!strcmp(fault, "leak")) leak();
    if (!strcmp(fault, "close")) shutdown(0, SHUT_RDWR);
    if (!strcmp(fault, "half")) send_numbers((const int64_t[]){4, 1}, 12);
    if (!strcmp(fault, "garbage")) send(0, "\x7f" "ELF garbage that is no message at all", 38, MSG_NOSIGNAL);
    // A picture in a slot that is not there, and one whose small picture would be larger than all memory.
    if (!strcmp(fault, "slot")) send_numbers((const int64_t[]){4, 1 << 20, 0, 0, 1, 1, 0, 0, 0, 0}, 80);
    if (!strcmp(fault, "size")) send_numbers((const int64_t[]){4, 0, 0, 1000, 1001, 1, 0, 0, 1, 65536, 65536, 0}, 96);
    // Ticks that run back, and a picture from the future.
    if (!strcmp(fault, "future")) send_numbers((const int64_t[]){4, 0, 0, 1000, 1001, 1, 0, 1LL << 61, 0, 0}, 80);
    if (!strcmp(fault, "everything")) try_everything();
    fault[0] = 0;
}

int curl_multi_perform(void *transfers, int *running) {
    static int (*real)(void *, int *);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "curl_multi_perform");
    if (!strcmp(fault, "ask")) raise(SIGSEGV);
    return real(transfers, running);
}

int avcodec_receive_frame(AVCodecContext *context, AVFrame *frame) {
    static int (*real)(AVCodecContext *, AVFrame *);
    static int pictures;
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "avcodec_receive_frame");
    int code = real(context, frame);
    if (fault[0] && code >= 0 && context->width == 96 && ++pictures == 3) happen();
    return code;
}
