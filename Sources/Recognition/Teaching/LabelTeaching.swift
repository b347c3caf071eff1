import Foundation
package import XCLIP

/// Teaches one label from example clips. It finds the direction that they represent and how much to weight it against
/// the text. Pure.
///
/// Each clip is scored with itself held out. The counterexamples are the first picture of each clip, held still (the
/// scene without the event), and the other labels' clips. The weight is the one of 0, 0.1, …, 1 with the least log loss
/// of the leads over the background, where examples and counterexamples have equal weight. Of equal weights the
/// smallest wins.
package struct LabelTeaching: Sendable {
    /// One window, as one label scores it.
    package struct View: Sendable, Equatable {
        /// The window's video embedding, normalised to length 1.
        package var video: [Float]
        /// The label's logit from its text alone.
        package var text: Double
        /// What the label is measured against, as scores measure it.
        package var background: Double

        package init(video: [Float], text: Double, background: Double) {
            self.video = video
            self.text = text
            self.background = background
        }

        /// - Parameters:
        ///   - features: the window's features.
        ///   - logits: in the order of `layout`.
        ///   - label: the index of the label.
        ///   - neutralSize: the number of texts in the model's own neutral list.
        package init(
            _ features: WindowFeatures,
            logits: UnsafeBufferPointer<Float>,
            label: Int,
            layout: LogitLayout,
            neutralSize: Int
        ) {
            precondition(label < layout.labels, "the label must be one of the labels")
            self.init(
                video: features.unitVideo,
                text: Double(logits[label]),
                background: LabelScores.Background(logits, layout).level(
                    with: logits[layout.against(ofLabel: label)],
                    neutralSize: neutralSize
                )
            )
        }
    }

    /// An example clip, and its first picture held still.
    package struct Clip: Sendable, Equatable {
        package var shown: View
        package var still: View

        package init(shown: View, still: View) {
            self.shown = shown
            self.still = still
        }
    }

    /// A window's lead over the background, in logits: from the text alone, and as taught.
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
    /// The lead of each example, held out.
    package let examples: [Lead]
    /// The lead of each example's first picture, with the example held out.
    package let stills: [Lead]
    /// The leads of the other labels' clips.
    package let others: [Lead]

    /// - Parameters:
    ///   - clips: the example clips; at least `leastExamples`.
    ///   - others: the other labels' clips, as this label scores them.
    ///   - scale: the model's logit scale.
    package init(clips: [Clip], others: [View], scale: Double) {
        precondition(clips.count >= Self.leastExamples, "holding one example out needs at least two")
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

    /// The distance of the examples' mean lead from that of the counterexamples, in logits.
    package var separation: Lead {
        let rest = stills + others
        return Lead(
            text: Self.mean(examples.map(\.text)) - Self.mean(rest.map(\.text)),
            taught: Self.mean(examples.map(\.taught)) - Self.mean(rest.map(\.taught))
        )
    }

    /// The mean embedding of the clips less the mean embedding of their first pictures.
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
