internal import Resampling

/// What opening a source revealed about it.
package struct SourceInfo: Sendable, Equatable {
    /// libav's name of the container or protocol, such as "rtsp" or "mov,mp4,m4a,3gp,3g2,mj2".
    package var container: String
    /// libav's name of the codec, such as "h264".
    package var codec: String
    /// The coded size of a picture in pixels, before any rotation; 0 if unknown.
    package var width: Int
    package var height: Int
    /// The average number of pictures per second; nil if unknown.
    package var frameRate: Double?
    /// Whether the container declares that all pictures are shown equally long.
    package var hasConstantFrameRate: Bool
    /// libav's name of the pixel format, such as "yuv420p"; nil if unknown.
    package var pixelFormat: String?
    /// The clockwise rotation for display, in degrees: 0, 90, 180 or 270.
    package var rotation: Int
    /// The width of a pixel as shown, divided by its height: the sample aspect ratio. 1 for square pixels.
    package var aspect: Double
    /// Whether each picture holds two fields, taken one after the other.
    package var isInterlaced: Bool
    /// The duration in seconds; nil for live sources.
    package var duration: Double?
    /// Whether the source delivers at its own pace, as a camera or a network stream without a length does.
    package var isLive: Bool

    package init(
        container: String,
        codec: String,
        width: Int,
        height: Int,
        frameRate: Double?,
        hasConstantFrameRate: Bool,
        pixelFormat: String?,
        rotation: Int,
        aspect: Double,
        isInterlaced: Bool,
        duration: Double?,
        isLive: Bool
    ) {
        self.container = container
        self.codec = codec
        (self.width, self.height) = (width, height)
        self.frameRate = frameRate
        self.hasConstantFrameRate = hasConstantFrameRate
        self.pixelFormat = pixelFormat
        self.rotation = rotation
        self.aspect = aspect
        self.isInterlaced = isInterlaced
        self.duration = duration
        self.isLive = isLive
    }

    /// The size with square pixels, before any rotation.
    package var shownSize: (width: Int, height: Int) { ResizeGeometry.shown(width, height, aspect) }
}

/// Counts of what a source has read since it was opened.
package struct SourceStatistics: Sendable, Equatable {
    /// Packets read from the video stream.
    package var packets = 0
    /// Of these, packets that the decoder was free to skip, because the grid cannot choose their pictures.
    package var skippablePackets = 0
    /// Packets that the demuxer flags as damaged, and packets or pictures that did not decode.
    package var corruptPackets = 0
    /// Pictures decoded.
    package var decodedFrames = 0
    /// Of these, pictures that the decoder flags as damaged.
    package var corruptFrames = 0
    /// Pictures that were lost on the way, as far as that is known.
    package var lostPictures = 0
    /// Pictures left out because their presentation time did not advance.
    package var outOfOrderFrames = 0
    /// Jumps of the presentation time, after each of which the time line continued.
    package var discontinuities = 0
    /// Pictures converted and handed out.
    package var sampledFrames = 0
    /// Why a file ended early. The pictures before that point were delivered.
    package var endedEarly: CaptureError?

    /// Packets and pictures that are damaged or lost.
    package var damaged: Int { corruptPackets + corruptFrames + lostPictures }

    package init() {}
}
