import Foundation
import Recognition
import XCLIP

/// Scores clips against a data set's classes, on one thread and with memory of its own.
final class ClipScorer {
    private let encoder: FrameEncoder
    private let memory: FrameMemory
    private let scorer: WindowScorer
    private let reuse: ReuseLevel

    init(model: XCLIPModel, classes: LabelEmbeddings, reuse: ReuseLevel) {
        let team = model.makeTeam(threads: 1)
        encoder = FrameEncoder(model: model, team: team, batch: 1)
        memory = FrameMemory(model: model, keepsBlockZero: reuse == .exact, keepsTokens: reuse == .sweep)
        scorer = WindowScorer(model: model, labels: classes, team: team)
        self.reuse = reuse
    }

    /// Adds the softmax over the classes of each view of a video to what `sums` holds, as the authors' validation does.
    /// `pixels`: of the frame at a position of the clip. `numbers`: of the clip's frames. To the exact model, a number
    /// that comes again at once is a frame that stands there longer; the others see another past the second time.
    func addScores(of numbers: [Int], to sums: inout [Double], pixels: (Int) -> UnsafePointer<UInt8>) {
        memory.clear()
        var position = 0
        while position < numbers.count {
            let ticks = reuse == .exact ? numbers[position...].prefix { $0 == numbers[position] }.count : 1
            encoder.encode(reuse) {
                $0.add(pixels(position), time: Double(numbers[position]), ticks: ticks, to: memory)
            }
            position += ticks
        }
        if reuse == .exact { encoder.encodeWindow(of: memory) }
        let logits = scorer.logits(of: memory)
        let top = Double(logits.max() ?? 0)
        let shares = logits.map { exp(Double($0) - top) }
        let total = shares.reduce(0, +)
        for index in sums.indices { sums[index] += shares[index] / total }
    }
}
