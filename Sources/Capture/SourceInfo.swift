/// What was found on opening a source.
public struct SourceInfo: Sendable, Equatable {
    /// libav's name of the container or protocol, such as "rtsp" or "mov,mp4,m4a,3gp,3g2,mj2".
    public var container: String
    /// libav's name of the codec, such as "h264".
    public var codec: String
    /// The picture's size in pixels as it is coded, before any rotation; 0 while unknown.
    public var width: Int
    public var height: Int
    /// Pictures a second, on average; nil where unknown.
    public var frameRate: Double?
    /// Whether the container says that all pictures are shown equally long.
    public var hasConstantFrameRate: Bool
    /// libav's name, such as "yuv420p"; nil while unknown.
    public var pixelFormat: String?
    /// How far the picture is turned clockwise for display, in degrees: 0, 90, 180 or 270.
    public var rotation: Int
    /// In seconds; nil for live sources.
    public var duration: Double?
    /// Whether the source delivers at its own pace: a camera, a network stream without a length.
    public var isLive: Bool
}

/// What has gone through a source since it was opened.
public struct SourceStatistics: Sendable, Equatable {
    /// Packets of the video stream read.
    public var packets = 0
    /// Of these, those whose decoding was left to the decoder's choice, since the grid cannot choose their pictures.
    public var skippablePackets = 0
    /// Packets or pictures that the decoder could not make sense of.
    public var corruptPackets = 0
    /// Pictures decoded.
    public var decodedFrames = 0
    /// Of these, those that the decoder flags as damaged.
    public var corruptFrames = 0
    /// Pictures whose presentation time did not advance, left out.
    public var outOfOrderFrames = 0
    /// Jumps of the presentation time across which the grid was carried on.
    public var discontinuities = 0
    /// Pictures converted and handed out.
    public var sampledFrames = 0
    /// Why a file stopped before its end; what came before it was delivered.
    public var endedEarly: CaptureError?

    public init() {}
}
