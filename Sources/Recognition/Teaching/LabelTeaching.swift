import Foundation
package import XCLIP

/// Teaches one label from example clips. It finds the direction that they represent and how much to weight it against
/// the text. Pure.
///
/// Each clip is scored with itself held out. The counterexamples are the first picture of each clip, held still (the
/// scene without the event), and the other labels' clips. The weight is the one of 0, 0.1, …, 1 with the least log loss
/// of the leads over the background, where examples and counterexamples have equal weight, and at each weight the middle
/// between them counts as 0: where the level of the text or of the examples happens to be must not decide. Of equal weights
/// the smallest wins.
///
/// Examples that do not stand apart from the counterexamples are refused: the weight is 0, and the text decides alone.
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
    /// How far the examples' mean lead must be from that of the counterexamples, in logits.
    package static let leastSeparation = 1.0
    /// The share of the pairs of an example and a counterexample in which the example must have the higher lead: of each kind
    /// of counterexamples, since the still pictures are easy.
    package static let leastOrder = 2.0 / 3

    /// Why examples are refused.
    package enum Refusal: Sendable, Equatable {
        /// They are this far from the counterexamples, in logits.
        case separation(Double)
        /// In this share of the pairs the example has the higher lead.
        case order(Double)
    }

    package let taught: TaughtLabel
    /// Nil if the examples are used, or if the text alone separates better.
    package let refusal: Refusal?
    /// The lead of each example, held out.
    package let examples: [Lead]
    /// The lead of each example's first picture, with the example held out.
    package let stills: [Lead]
    /// The leads of the other labels' clips.
    package let others: [Lead]
    /// The leads of windows in which nothing happened. They do not take part in the choice of the weight, so that it is the one
    /// that the daemon chooses from the same clips.
    package let background: [Lead]

    /// - Parameters:
    ///   - clips: the example clips; at least `leastExamples`.
    ///   - others: the other labels' clips, as this label scores them.
    ///   - background: windows in which nothing happened.
    ///   - scale: the model's logit scale.
    package init(clips: [Clip], others: [View], background: [View] = [], scale: Double) {
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
        let quiet = background.map { scale * Self.product($0.video, whole) - $0.background }
        let (owned, frozen) = (clips.map(\.shown), clips.map(\.still))
        let mixed = { (views: [View], projections: [Double], weight: Double) in
            zip(views, projections).map { (1 - weight) * ($0.text - $0.background) + weight * $1 }
        }
        let candidates = (0...10).map { step in
            let weight = Double(step) / 10
            let (right, wrong) = (mixed(owned, shown, weight), mixed(frozen + others, still + other, weight))
            let middle = (Self.mean(right) + Self.mean(wrong)) / 2
            let loss =
                Self.mean(right.map { log1p(exp(middle - $0)) }) + Self.mean(wrong.map { log1p(exp($0 - middle)) })
            return (weight: weight, middle: middle, loss: loss, right: right, wrong: wrong)
        }
        let best = candidates.dropFirst().reduce(candidates[0]) { $1.loss < $0.loss - 1e-9 ? $1 : $0 }
        refusal =
            best.weight > 0
            ? Self.refusal(
                best.right,
                [Array(best.wrong.prefix(still.count)), Array(best.wrong.dropFirst(still.count))]
            ) : nil
        let isUsed = best.weight > 0 && refusal == nil
        let (weight, middle) = isUsed ? (best.weight, best.middle) : (0, 0)
        let leads = { (views: [View], projections: [Double]) in
            zip(views, mixed(views, projections, weight)).map { view, lead in
                Lead(text: view.text - view.background, taught: lead - middle)
            }
        }
        // The offset has the weight of the examples.
        taught = TaughtLabel(
            direction: whole,
            offset: isUsed ? Float(-middle / weight) : 0,
            weight: Float(weight)
        )
        examples = leads(owned, shown)
        stills = leads(frozen, still)
        self.others = leads(others, other)
        self.background = leads(background, quiet)
    }

    /// Why these leads of examples and counterexamples do not stand apart; nil if they do.
    ///
    /// - Parameters:
    ///   - right: of the examples.
    ///   - kinds: of each kind of counterexamples, any of which may be empty.
    package static func refusal(_ right: [Double], _ kinds: [[Double]]) -> Refusal? {
        let separation = mean(right) - mean(kinds.flatMap(\.self))
        guard separation >= leastSeparation else { return .separation(separation) }
        let orders = kinds.filter { !$0.isEmpty }.map { wrong in
            let higher = right.reduce(0) { sum, lead in sum + wrong.count { lead > $0 } }
            return Double(higher) / Double(right.count * wrong.count)
        }
        return orders.min().flatMap { $0 >= leastOrder ? nil : .order($0) }
    }

    /// The lead that best separates the examples from all that is not the label: of the levels between two neighbours the
    /// middle of the widest that has the highest F1. Not below 0, where a window resembles the background more.
    package var proposedLead: Double? {
        guard taught.weight > 0 else { return nil }
        let right = examples.map(\.taught)
        let wrong = (stills + others + background).map(\.taught)
        let levels = Set(right + wrong).sorted()
        let gaps = zip(levels, levels.dropFirst()).map { low, high in
            let found = right.count { $0 >= high }
            let f1 = 2 * Double(found) / Double(right.count + found + wrong.count { $0 >= high })
            return (f1: f1, width: high - low, middle: (low + high) / 2)
        }
        let best = gaps.max { ($0.f1, $0.width) < ($1.f1, $1.width) }
        return best.map { max(0, $0.middle) }
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
