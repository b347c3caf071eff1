internal import CLibAV
internal import Glibc

/// What libav reads where it does not open the source itself.
class ByteReader {
    private static let bufferSize = 64 << 10

    /// Reads bytes, at least one.
    ///
    /// - Returns: the number of bytes, or libav's code.
    func read(_ buffer: UnsafeMutablePointer<UInt8>, _ count: Int32) -> Int32 { LIBAV_EOF }

    /// The bytes of the whole source; nil if nobody knows.
    var length: Int? { nil }

    /// The byte that is read next.
    var position: Int { 0 }

    /// Reads from another byte on.
    ///
    /// - Returns: whether that is possible.
    func seek(to position: Int) -> Bool { false }

    /// The context that libav reads from, which borrows this object. `release` frees it.
    final func makeContext(_ name: String, isSeekable: Bool) throws(CaptureError) -> UnsafeMutablePointer<AVIOContext> {
        guard let buffer = av_malloc(Self.bufferSize) else { throw .outOfMemory(name) }
        let context = avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self),
            Int32(Self.bufferSize),
            0,
            Unmanaged.passUnretained(self).toOpaque(),
            { opaque, buffer, count in
                guard let opaque, let buffer else { return libav_error(EINVAL) }
                return Unmanaged<ByteReader>.fromOpaque(opaque).takeUnretainedValue().read(buffer, count)
            },
            nil,
            { opaque, offset, origin in
                guard let opaque else { return Int64(libav_error(EINVAL)) }
                return Unmanaged<ByteReader>.fromOpaque(opaque).takeUnretainedValue().seek(Int(offset), origin)
            }
        )
        guard let context else {
            av_free(buffer)
            throw .outOfMemory(name)
        }
        context.pointee.seekable = isSeekable ? AVIO_SEEKABLE_NORMAL : 0
        return context
    }

    private func seek(_ offset: Int, _ origin: Int32) -> Int64 {
        switch origin & ~AVSEEK_FORCE {
        case AVSEEK_SIZE: return length.map { Int64($0) } ?? Int64(libav_error(ENOSYS))
        case SEEK_SET where offset >= 0: return seek(to: offset) ? Int64(offset) : Int64(libav_error(ENOSYS))
        case SEEK_CUR where offset == 0: return Int64(position)
        default: return Int64(libav_error(EINVAL))
        }
    }

    /// Frees the context.
    func release(_ context: inout UnsafeMutablePointer<AVIOContext>?) {
        if let context { av_freep(&context.pointee.buffer) }
        avio_context_free(&context)
    }
}
