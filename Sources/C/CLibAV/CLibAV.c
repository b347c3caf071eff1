#include "CLibAV.h"

#include <dlfcn.h>
#include <libavdevice/avdevice.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

int64_t libav_frame_duration(const AVFrame *frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    return frame->duration;
#else
    return frame->pkt_duration;
#endif
}

int libav_frame_is_interlaced(const AVFrame *frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    return (frame->flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
    return frame->interlaced_frame;
#endif
}

const int32_t *libav_stream_display_matrix(const AVStream *stream) {
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    const AVPacketSideData *data = av_packet_side_data_get(
        stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
    return data && data->size >= 9 * sizeof(int32_t) ? (const int32_t *)data->data : NULL;
#else
    size_t size = 0;
    const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    return data && size >= 9 * sizeof(int32_t) ? (const int32_t *)data : NULL;
#endif
}

const char *libav_load_devices(void) {
    void *library = dlopen("libavdevice.so." AV_STRINGIFY(LIBAVDEVICE_VERSION_MAJOR), RTLD_NOW | RTLD_LOCAL);
    void (*register_all)(void) = NULL;
    if (library) *(void **)&register_all = dlsym(library, "avdevice_register_all");
    if (!register_all) return dlerror();
    register_all();
    return NULL;
}

static _Atomic(libav_log_sink) log_sink;

/* libav writes some lines in several calls: each thread gathers its own until the newline. */
static _Thread_local char line[2048];
static _Thread_local size_t length;
static _Thread_local int print_prefix = 1;

/* The decoders of H.264 and H.265 conceal a missing picture and flag nothing. Only their log says so, in lines that begin like
   these. The first is for debugging, so its level is not looked at. */
static const char *const lacks[] = {
    "Frame num gap", "Missing reference picture", "reference picture missing", "Could not find ref with POC",
};

static void count_lacking(void *object, const char *format) {
    if (!object || *(const AVClass **)object != avcodec_get_class()) return;
    atomic_uint *count = ((AVCodecContext *)object)->opaque;
    if (!count) return;
    for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++)
        if (strncmp(format, lacks[i], strlen(lacks[i])) == 0) atomic_fetch_add(count, 1);
}

static void log_callback(void *object, int level, const char *format, va_list arguments) {
    count_lacking(object, format);
    libav_log_sink sink = atomic_load(&log_sink);
    if (!sink) {
        av_log_default_callback(object, level, format, arguments);
        return;
    }
    if (level < 0 || level > av_log_get_level()) return;
    av_log_format_line2(object, level, format, arguments, line + length, (int)(sizeof line - length), &print_prefix);
    length = strlen(line);
    if (length > 0 && line[length - 1] != '\n' && length < sizeof line - 1) return;
    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) line[--length] = 0;
    if (length > 0) sink(level, line);
    length = 0;
    line[0] = 0;
}

static void set_callback(void) { av_log_set_callback(log_callback); }

static void set_callback_once(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_callback);
}

int libav_count_lacking(AVCodecContext *decoder) {
    atomic_uint *count = malloc(sizeof *count);
    if (!count) return AVERROR(ENOMEM);
    atomic_init(count, 0);
    decoder->opaque = count;
    set_callback_once();
    return 0;
}

unsigned libav_lacking(const AVCodecContext *decoder) { return atomic_load((atomic_uint *)decoder->opaque); }

void libav_free_decoder(AVCodecContext *decoder) {
    void *count = decoder->opaque;
    avcodec_free_context(&decoder);
    free(count);
}

void libav_log_forward(libav_log_sink sink, int level) {
    atomic_store(&log_sink, sink);
    av_log_set_level(level);
    set_callback_once();
}
