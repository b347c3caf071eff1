/// libav for Swift: its headers, and the parts that Swift cannot reach: macros, va_list, and functions that differ by
/// version.
#ifndef CLIBAV_H
#define CLIBAV_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/sha.h>
#include <libswscale/swscale.h>

/// The codes of libav that are macros: -errno for those that have an errno, tags for the rest.
static const int LIBAV_EOF = AVERROR_EOF;
static const int LIBAV_EXIT = AVERROR_EXIT;
static const int LIBAV_INVALID_DATA = AVERROR_INVALIDDATA;
static const int LIBAV_STREAM_NOT_FOUND = AVERROR_STREAM_NOT_FOUND;
static const int LIBAV_DECODER_NOT_FOUND = AVERROR_DECODER_NOT_FOUND;
static const int LIBAV_DEMUXER_NOT_FOUND = AVERROR_DEMUXER_NOT_FOUND;
static const int LIBAV_PROTOCOL_NOT_FOUND = AVERROR_PROTOCOL_NOT_FOUND;
static const int LIBAV_OPTION_NOT_FOUND = AVERROR_OPTION_NOT_FOUND;
static const int LIBAV_FILTER_NOT_FOUND = AVERROR_FILTER_NOT_FOUND;
static const int LIBAV_PATCH_WELCOME = AVERROR_PATCHWELCOME;
static const int LIBAV_HTTP_BAD_REQUEST = AVERROR_HTTP_BAD_REQUEST;
static const int LIBAV_HTTP_UNAUTHORIZED = AVERROR_HTTP_UNAUTHORIZED;
static const int LIBAV_HTTP_FORBIDDEN = AVERROR_HTTP_FORBIDDEN;
static const int LIBAV_HTTP_NOT_FOUND = AVERROR_HTTP_NOT_FOUND;
static const int LIBAV_HTTP_OTHER_4XX = AVERROR_HTTP_OTHER_4XX;
static const int LIBAV_HTTP_SERVER_ERROR = AVERROR_HTTP_SERVER_ERROR;

/// "No time stamp."
static const int64_t LIBAV_NO_PTS = AV_NOPTS_VALUE;

/// libav's code for an errno value.
static inline int libav_error(int errno_value) { return AVERROR(errno_value); }

/// How long the frame is shown, in units of the stream's time base; 0 if unknown.
int64_t libav_frame_duration(const AVFrame *frame);

/// Whether the frame holds two fields, taken one after the other.
int libav_frame_is_interlaced(const AVFrame *frame);

/// The display matrix (nine 16.16 numbers) of the stream; NULL without one.
const int32_t *libav_stream_display_matrix(const AVStream *stream);

/// Registers V4L2 and libav's test sources. Once is enough. NULL, or the reason if they cannot be loaded.
///
/// libavdevice is loaded here and not linked: it brings some eighty libraries, for windows, sound and speech among others,
/// which take 20 MB of memory and are no use to a daemon with network cameras.
const char *libav_load_devices(void);

/// Lets a muxer write to an open file and read what it has written, at places of its own. The descriptor stays the caller's.
///
/// Returns 0 or libav's code. `libav_release_file` is called before the context is freed.
int libav_use_file(AVFormatContext *context, int descriptor);

/// Writes what is buffered. Returns 0, or libav's code of the first failure.
int libav_release_file(AVFormatContext *context);

/// Makes the decoder count how often a picture refers to one that never came. Only libav's log says so: this sets the log's
/// callback for the whole process.
///
/// Returns 0 or libav's code. The decoder is to be freed by `libav_free_decoder`.
int libav_count_lacking(AVCodecContext *decoder);

/// That count.
unsigned libav_lacking(const AVCodecContext *decoder);

/// Frees the decoder and its count.
void libav_free_decoder(AVCodecContext *decoder);

/// Receives one whole line of libav's log, without its newline.
typedef void (*libav_log_sink)(int level, const char *line);

/// Sends the lines of libav's log up to `level` to `sink`, on any thread. A line that libav writes in several calls
/// arrives whole.
void libav_log_forward(libav_log_sink sink, int level);

#endif
