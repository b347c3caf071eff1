import Foundation
package import XCLIP

/// Teaches one label by example clips: the direction they stand for, and how far to go by it rather than by the text. Pure.
///
/// Whatever is told of a clip is told with the clip held out. What the label is not: the first picture of each clip, held
/// still (the scene without the happening), and the other labels' clips. The weight is the one of 0, 0.1, …, 1 with the
/// least log loss of the leads over the background, examples and the rest counting alike; the smaller of two that are equal.
package struct LabelTeaching: Sendable {
    /// A window as one label sees it.
    package struct View: Sendable, Equatable {
        /// The window's video embedding, at length 1.
        package var video: [Float]
        /// The label's logit by its text alone, and the log-mean-exp of the background's.
        package var text: Double
        package var background: Double

        package init(video: [Float], text: Double, background: Double) {
            self.video = video
            self.text = text
            self.background = background
        }

        /// - logits: the labels' logits, then the background's.
        package init(_ features: WindowFeatures, logits: UnsafeBufferPointer<Float>, label: Int, labels: Int) {
            precondition(label < labels && labels <= logits.count, "one of the labels")
            self.init(
                video: features.unitVideo,
                text: Double(logits[label]),
                background: LabelScores.logMeanExp(logits[labels...])
            )
        }
    }

    /// An example, and its first picture held still.
    package struct Clip: Sendable, Equatable {
        package var shown: View
        package var still: View

        package init(shown: View, still: View) {
            self.shown = shown
            self.still = still
        }
    }

    /// A window's lead over the background, in logits.
    package struct Lead: Sendable, Equatable {
        package var text: Double
        package var taught: Double

        package init(text: Double, taught: Double) {
            self.text = text
            self.taught = taught
        }
    }

    package static let leastExamples = 2

    package let taught: TaughtLabel
    /// Each example, held out.
    package let examples: [Lead]
    /// Each example's first picture, with the example held out.
    package let stills: [Lead]
    /// The other labels' clips.
    package let others: [Lead]

    /// `others`: other labels' clips as this label sees them. `scale`: the model's logit scale.
    package init(clips: [Clip], others: [View], scale: Double) {
        precondition(clips.count >= Self.leastExamples, "with one example none can be held out")
        let whole = Self.direction(clips)
        var (shown, still): ([Double], [Double]) = ([], [])
        for index in clips.indices {
            var rest = clips
            let clip = rest.remove(at: index)
            let direction = Self.direction(rest)
            shown.append(scale * Self.product(clip.shown.video, direction) - clip.shown.background)
            still.append(scale * Self.product(clip.still.video, direction) - clip.still.background)
        }
        let other = others.map { scale * Self.product($0.video, whole) - $0.background }
        let offset = -(Self.mean(shown) + Self.mean(still + other)) / 2
        let leads = { (views: [View], projections: [Double], weight: Double) in
            zip(views, projections).map { view, projection in
                let text = view.text - view.background
                return Lead(text: text, taught: (1 - weight) * text + weight * (projection + offset))
            }
        }
        let (owned, frozen) = (clips.map(\.shown), clips.map(\.still))
        let candidates = (0...10).map { step in
            let weight = Double(step) / 10
            let (right, wrong) = (leads(owned, shown, weight), leads(frozen + others, still + other, weight))
            let loss = Self.mean(right.map { log1p(exp(-$0.taught)) }) + Self.mean(wrong.map { log1p(exp($0.taught)) })
            return (weight: weight, loss: loss)
        }
        let best = candidates.dropFirst().reduce(candidates[0]) { $1.loss < $0.loss - 1e-9 ? $1 : $0 }
        taught = TaughtLabel(direction: whole, offset: Float(offset), weight: Float(best.weight))
        examples = leads(owned, shown, best.weight)
        stills = leads(frozen, still, best.weight)
        self.others = leads(others, other, best.weight)
    }

    /// How far the examples stand from all that is not the label, in logits: by the text alone and as taught.
    package var separation: Lead {
        let rest = stills + others
        return Lead(
            text: Self.mean(examples.map(\.text)) - Self.mean(rest.map(\.text)),
            taught: Self.mean(examples.map(\.taught)) - Self.mean(rest.map(\.taught))
        )
    }

    /// The mean of what the clips show less the mean of their first pictures.
    private static func direction(_ clips: [Clip]) -> [Float] {
        var direction = [Float](repeating: 0, count: clips.first?.shown.video.count ?? 0)
        for clip in clips {
            for index in direction.indices {
                direction[index] += (clip.shown.video[index] - clip.still.video[index]) / Float(clips.count)
            }
        }
        return direction
    }

    private static func product(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }

    private static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
}
