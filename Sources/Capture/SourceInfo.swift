/// What was found on opening a source.
package struct SourceInfo: Sendable, Equatable {
    /// libav's name of the container or protocol, such as "rtsp" or "mov,mp4,m4a,3gp,3g2,mj2".
    package var container: String
    /// libav's name of the codec, such as "h264".
    package var codec: String
    /// The picture's size in pixels as it is coded, before any rotation; 0 while unknown.
    package var width: Int
    package var height: Int
    /// Pictures a second, on average; nil where unknown.
    package var frameRate: Double?
    /// Whether the container says that all pictures are shown equally long.
    package var hasConstantFrameRate: Bool
    /// libav's name, such as "yuv420p"; nil while unknown.
    package var pixelFormat: String?
    /// How far the picture is turned clockwise for display, in degrees: 0, 90, 180 or 270.
    package var rotation: Int
    /// In seconds; nil for live sources.
    package var duration: Double?
    /// Whether the source delivers at its own pace: a camera, a network stream without a length.
    package var isLive: Bool
}

/// What has gone through a source since it was opened.
package struct SourceStatistics: Sendable, Equatable {
    /// Packets of the video stream read.
    package var packets = 0
    /// Of these, those whose decoding was left to the decoder's choice, since the grid cannot choose their pictures.
    package var skippablePackets = 0
    /// Packets or pictures that the decoder could not make sense of.
    package var corruptPackets = 0
    /// Pictures decoded.
    package var decodedFrames = 0
    /// Of these, those that the decoder flags as damaged.
    package var corruptFrames = 0
    /// Pictures whose presentation time did not advance, left out.
    package var outOfOrderFrames = 0
    /// Jumps of the presentation time across which the grid was carried on.
    package var discontinuities = 0
    /// Pictures converted and handed out.
    package var sampledFrames = 0
    /// Why a file stopped before its end; what came before it was delivered.
    package var endedEarly: CaptureError?

    package init() {}
}
