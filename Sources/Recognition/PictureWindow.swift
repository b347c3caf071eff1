package import Events
package import Frames
package import XCLIP

/// One stream's windows, one for each part of its pictures: of each label, the part with the highest score decides.
///
/// All parts take the same ticks, so they are full and due together. Each has its own gate: a part that shows nothing new is
/// neither encoded nor scored.
package final class PictureWindow {
    package let specification: StreamSpecification
    /// The scores of the last decision, one for each label.
    package private(set) var scores: [Double]
    /// The logits that made them, one for each label.
    package private(set) var logits: [Float]
    /// The part that decided each label.
    private var deciding: [Int]
    private let windows: [WindowSession]
    private let inputBytes: Int
    private var parts = PictureParts.one

    /// `embeddings`: of `specification.texts`, by the encoder's model. `reach`: for studies; streams reach for the window.
    package init(
        specification: StreamSpecification,
        embeddings: LabelEmbeddings,
        encoder: FrameEncoder,
        reach: FrameMemory.Reach = .window
    ) {
        self.specification = specification
        windows = (0..<specification.view.mostParts).map { _ in
            WindowSession(specification: specification, embeddings: embeddings, encoder: encoder, reach: reach)
        }
        inputBytes = encoder.model.transform.byteCount
        scores = Array(repeating: 0, count: specification.labels.count)
        logits = Array(repeating: 0, count: specification.labels.count)
        deciding = Array(repeating: 0, count: specification.labels.count)
    }

    private var active: ArraySlice<WindowSession> { windows.prefix(parts.count) }

    /// What became of the parts offered.
    package var counts: WindowSession.Counts {
        windows.reduce(into: WindowSession.Counts()) { $0.add($1.counts) }
    }

    /// Whether the published model, on these very windows, made the last decision.
    package var isExact: Bool { exactPass == .float32 }
    /// The lowest precision of the exact passes that made it; nil if a step of another level scored a window.
    package var exactPass: Precision? {
        if active.contains(where: { $0.exactPass == nil }) { return nil }
        return active.allSatisfy(\.isExact) ? .float32 : .int8
    }
    /// The number of windows that were computed for the last decision, because they had changed.
    package var freshWindows: Int { active.count(where: \.isFresh) }
    /// The presentation times of the window's frames, oldest first.
    package var frameTimes: [Double] { windows[0].frameTimes }

    /// The part that decided a label; nil if a picture has only one.
    package func part(ofLabel label: Int) -> PicturePart? { parts.name(ofPart: deciding[label]) }

    /// What the texts that a label depends on had by themselves, in the part that decided the label.
    package struct TextLogits: Sendable {
        package let texts: [Float]
        /// Of the texts against the label.
        package let against: [Float]
        /// Of the neutral texts, then of the stream's own background.
        package let background: [Float]
    }

    /// Allocates: for studies, not for a stream's every step.
    package func textLogits(ofLabel label: Int) -> TextLogits {
        let labels = specification.labels
        let first = labels[..<label].reduce(0) { $0 + $1.texts.count }
        let all = labels.reduce(0) { $0 + $1.texts.count }
        let firstAgainst = labels[..<label].reduce(all) { $0 + $1.against.count }
        let logits = windows[deciding[label]].textLogits
        let background = specification.neutral.count + specification.background.count
        return TextLogits(
            texts: Array(logits[first..<first + labels[label].texts.count]),
            against: Array(logits[firstAgainst..<firstAgainst + labels[label].against.count]),
            background: Array(logits.suffix(background))
        )
    }

    /// Forgets the windows: the source was lost, or its time begins anew.
    package func clear() { for window in windows { window.clear() } }

    /// Takes a picture: those parts into `batch` that show something new.
    ///
    /// - Parameter pixels: [S, S, 3] bytes for each part, valid until the batch is encoded.
    package func offer(_ frame: SampledFrame, pixels: UnsafePointer<UInt8>, into batch: inout FrameBatch) {
        precondition(frame.parts.count <= windows.count, "the picture has more parts than the stream's view")
        if frame.parts != parts {
            // The picture has another shape: its parts show other places.
            clear()
            parts = frame.parts
        }
        for (index, window) in active.enumerated() {
            window.offer(frame, pixels: pixels + index * inputBytes, into: &batch)
        }
    }

    /// After the batch: scores the windows if they are full and a decision is due.
    ///
    /// - Returns: whether it did; not if the computation was abandoned or a result is no number.
    package func decide() -> Bool { settle { $0.decide() } }

    /// Has an exact pass score those windows that none of this precision or a higher one scored last.
    ///
    /// - Parameter precision: `int8` only if steps are computed in it; `float32` is the published model.
    /// - Returns: false if the computation was abandoned or a result is no number.
    package func decideExactly(_ precision: Precision = .float32) -> Bool {
        settle { $0.isExact || $0.exactPass == precision || $0.decideExactly(precision) }
    }

    private func settle(_ score: (WindowSession) -> Bool) -> Bool {
        var isDecided = true
        for window in active where !score(window) { isDecided = false }
        // A window whose scores were no numbers has cleared itself. The others keep step with it.
        if active.contains(where: { $0.isFull != windows[0].isFull }) { clear() }
        if isDecided { collect() }
        return isDecided
    }

    private func collect() {
        for label in scores.indices {
            var best = 0
            for index in 1..<max(1, parts.count) where windows[index].scores[label] > windows[best].scores[label] {
                best = index
            }
            deciding[label] = best
            scores[label] = windows[best].scores[label]
            logits[label] = windows[best].logits[label]
        }
    }
}
