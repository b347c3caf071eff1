/// What is seen where nothing is: the texts that every label is measured against.
///
/// Neutral in place, subject and style, so that a label must say more about the window than any of them.
package enum NeutralBackground {
    package static let texts = [
        "nothing is happening",
        "an empty scene",
        "a view from a fixed camera",
        "a street",
        "a room",
        "people going about their day",
        "something is moving",
        "a blurry picture",
    ]
}
