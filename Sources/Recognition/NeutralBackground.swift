/// The background texts that every label is compared with. They describe scenes without an event.
///
/// They are neutral in place, subject and style, so a label must fit the window better than any of them.
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
