import Frames
import Recognition
import System
import XCLIP

/// One level over one video, on a window of its own.
struct AgreementLane {
    private(set) var trace: ScoreTrace
    private(set) var processorSeconds = 0.0
    private let session: PictureWindow
    private let encoder: FrameEncoder

    init(
        _ specification: StreamSpecification,
        embeddings: LabelEmbeddings,
        encoder: FrameEncoder,
        reach: FrameMemory.Reach
    ) {
        session = PictureWindow(
            specification: specification,
            embeddings: embeddings,
            encoder: encoder,
            reach: reach
        )
        trace = ScoreTrace(labels: specification.labels.count)
        self.encoder = encoder
    }

    /// Of the last decision, each label's.
    var logits: [Float] { session.logits }
    var scores: [Double] { session.scores }

    /// Returns whether there was a decision.
    mutating func step(_ frame: SampledFrame, pixels: UnsafePointer<UInt8>, at time: Duration) -> Bool {
        let start = ProcessorTime.seconds
        encoder.encode(session.specification.reuse) { session.offer(frame, pixels: pixels, into: &$0) }
        let decided = session.decide()
        processorSeconds += ProcessorTime.seconds - start
        if decided { trace.add(session.scores, at: time) }
        return decided
    }
}
