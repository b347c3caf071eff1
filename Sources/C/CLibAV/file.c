// An AVIOContext over an open file. libav's callbacks differ by version, which Swift cannot express.
#include "CLibAV.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

struct open_file {
    int descriptor;
    int64_t offset;
};

static int file_read(void *opaque, uint8_t *bytes, int count) {
    struct open_file *file = opaque;
    ssize_t got = pread(file->descriptor, bytes, (size_t)count, file->offset);
    if (got < 0) return AVERROR(errno);
    file->offset += got;
    return got == 0 ? AVERROR_EOF : (int)got;
}

// libavformat 61 made the bytes constant.
#if LIBAVFORMAT_VERSION_MAJOR < 61
static int file_write(void *opaque, uint8_t *bytes, int count) {
#else
static int file_write(void *opaque, const uint8_t *bytes, int count) {
#endif
    struct open_file *file = opaque;
    for (int done = 0; done < count;) {
        ssize_t put = pwrite(file->descriptor, bytes + done, (size_t)(count - done), file->offset);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return AVERROR(errno);
        done += (int)put;
        file->offset += put;
    }
    return count;
}

static int64_t file_seek(void *opaque, int64_t offset, int whence) {
    struct open_file *file = opaque;
    struct stat status;
    if (fstat(file->descriptor, &status) < 0) return AVERROR(errno);
    switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE: return status.st_size;
    case SEEK_SET: break;
    case SEEK_CUR: offset += file->offset; break;
    case SEEK_END: offset += status.st_size; break;
    default: return AVERROR(EINVAL);
    }
    if (offset < 0) return AVERROR(EINVAL);
    return file->offset = offset;
}

static void file_free(AVIOContext **io) {
    if (!*io) return;
    av_free((*io)->opaque);
    av_freep(&(*io)->buffer);
    avio_context_free(io);
}

static AVIOContext *file_context(int descriptor, int writes) {
    enum { BUFFER = 64 << 10 };
    struct open_file *file = av_mallocz(sizeof *file);
    unsigned char *buffer = av_malloc(BUFFER);
    AVIOContext *io = NULL;
    if (file && buffer) {
        file->descriptor = descriptor;
        io = avio_alloc_context(buffer, BUFFER, writes, file, file_read, file_write, file_seek);
    }
    if (!io) {
        av_free(file);
        av_free(buffer);
    }
    return io;
}

// A muxer that moves its index to the front reads the file that it has written.
static int file_reopen(AVFormatContext *context, AVIOContext **io, const char *url, int flags, AVDictionary **options) {
    if (flags & AVIO_FLAG_WRITE) return AVERROR(EACCES);
    *io = file_context((int)(intptr_t)context->opaque, 0);
    return *io ? 0 : AVERROR(ENOMEM);
}

static int file_close(AVFormatContext *context, AVIOContext *io) {
    file_free(&io);
    return 0;
}

int libav_use_file(AVFormatContext *context, int descriptor) {
    context->pb = file_context(descriptor, 1);
    if (!context->pb) return AVERROR(ENOMEM);
    context->opaque = (void *)(intptr_t)descriptor;
    context->io_open = file_reopen;
    context->io_close2 = file_close;
    context->flags |= AVFMT_FLAG_CUSTOM_IO;
    return 0;
}

int libav_release_file(AVFormatContext *context) {
    if (!context->pb) return 0;
    avio_flush(context->pb);
    int code = context->pb->error;
    file_free(&context->pb);
    return code;
}
