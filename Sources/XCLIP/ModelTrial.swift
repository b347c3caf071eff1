package import Checkpoints
import Frames
import Kernels
import System

/// Runs a model on pictures and labels that are made up, once, to find one that computes and sees nothing: its weights are
/// zeros, as a copy with holes leaves them, or its numbers overflow on the way.
///
/// Such a model would look healthy, and score 0 for ever. Costs two frames at `cached`.
package struct ModelTrial {
    private let model: XCLIPModel
    private let team: ComputeTeam

    package init(_ model: XCLIPModel, threads: Int) {
        self.model = model
        team = model.makeTeam(threads: threads)
    }

    /// - Parameter place: the model's directory, for the error.
    /// - Throws: `CheckpointError` if the model is of no use.
    package func run(place: String) throws(CheckpointError) {
        let width = model.configuration.embedding
        // The same pictures at each start.
        var random = SplitMix64(seed: 1)
        let values = (0..<2 * width).map { _ in Float(random.next() >> 40) * 0x1p-23 - 1 }
        let labels = LabelEmbeddings(texts: ["a", "b"], width: width, values: values)
        let encoder = FrameEncoder(model: model, team: team, batch: 1)
        let scorer = WindowScorer(model: model, labels: labels, team: team)
        let memory = FrameMemory(model: model, keepsBlockZero: false)
        var results: [[Float]] = []
        for _ in 0..<2 {
            let pixels = (0..<model.transform.byteCount).map { _ in UInt8(random.next() >> 56) }
            memory.clear()
            pixels.withUnsafeBufferPointer { pixels in
                guard let base = pixels.baseAddress else { return }
                encoder.encode(.cached) { $0.add(base, time: 0, ticks: memory.capacity, to: memory) }
            }
            results.append(Array(scorer.logits(of: memory)))
        }
        func refuse(_ fault: String) -> CheckpointError {
            CheckpointError(
                .malformed,
                at: place,
                "\(fault): its weights are damaged or incomplete; copy, download or convert it again"
            )
        }
        guard results.joined().allSatisfy(\.isFinite) else { throw refuse("the model's scores are no numbers") }
        guard results[0] != results[1] else { throw refuse("the model scores two different pictures alike") }
        guard results.allSatisfy({ $0[0] != $0[1] }) else { throw refuse("the model scores two different texts alike") }
    }
}
