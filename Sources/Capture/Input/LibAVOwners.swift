internal import CLibAV

/// Owns an `AVPacket`.
struct Packet: ~Copyable {
    let pointer: UnsafeMutablePointer<AVPacket>

    init(for place: String) throws(CaptureError) {
        guard let pointer = av_packet_alloc() else { throw .outOfMemory(place) }
        self.pointer = pointer
    }

    /// Makes this packet another name for the data of a kept one.
    func share(_ kept: KeptPacket) {
        av_packet_unref(pointer)
        av_packet_ref(pointer, kept.pointer)
    }

    /// Releases the data. The packet can be filled again.
    func clear() { av_packet_unref(pointer) }

    deinit {
        var pointer: UnsafeMutablePointer<AVPacket>? = pointer
        av_packet_free(&pointer)
    }
}

/// Owns an `AVFrame`: one decoded picture, or none yet.
struct Picture: ~Copyable {
    let pointer: UnsafeMutablePointer<AVFrame>

    init(for place: String) throws(CaptureError) {
        guard let pointer = av_frame_alloc() else { throw .outOfMemory(place) }
        self.pointer = pointer
    }

    /// Releases the pixels. The frame can be filled again.
    func clear() { av_frame_unref(pointer) }

    /// The width of a pixel as shown, divided by its height; 1 if the stream does not say or says nonsense.
    var pixelAspect: Double {
        let aspect = pointer.pointee.sample_aspect_ratio
        guard aspect.num > 0, aspect.den > 0, case let value = av_q2d(aspect), (0.1...10).contains(value) else {
            return 1
        }
        return value
    }

    /// Whether its odd and even lines were taken one after the other.
    var isInterlaced: Bool { libav_frame_is_interlaced(pointer) != 0 }

    /// Moves the other's pixels here without a copy. The other is empty afterwards.
    func take(from other: borrowing Picture) {
        av_frame_unref(pointer)
        av_frame_move_ref(pointer, other.pointer)
    }

    deinit {
        var pointer: UnsafeMutablePointer<AVFrame>? = pointer
        av_frame_free(&pointer)
    }
}

/// Owns an `AVDictionary`: libav options by name.
struct OptionDictionary: ~Copyable {
    private(set) var pointer: OpaquePointer?

    init() {}

    mutating func set(_ key: String, _ value: String?) {
        guard let value else { return }
        av_dict_set(&pointer, key, value, 0)
    }

    /// Lends the dictionary to libav, which removes the options that it uses.
    mutating func with<R>(_ body: (UnsafeMutablePointer<OpaquePointer?>) -> R) -> R {
        body(&pointer)
    }

    deinit {
        var pointer = pointer
        av_dict_free(&pointer)
    }
}
