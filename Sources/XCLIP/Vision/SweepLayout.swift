/// Where a stream's rows stand: in x, and in what keys and values are made of (tokens ⊕ message, class tokens, their
/// messages).
struct SweepLayout {
    /// N, or 0 where there is no new frame.
    let tokens: Int
    let window: Int

    var rows: Int { tokens + window }
    var classTokens: Range<Int> { tokens..<rows }
    var ownKeys: Int { tokens == 0 ? 0 : tokens + 1 }
    var classKeys: Range<Int> { ownKeys..<ownKeys + window }
    var messageKeys: Range<Int> { ownKeys + window..<keyRows }
    var keyRows: Int { ownKeys + 2 * window }

    func rows(of stream: Int) -> Range<Int> { stream * rows..<(stream + 1) * rows }
    func keyRows(of stream: Int) -> Range<Int> { stream * keyRows..<(stream + 1) * keyRows }
    /// Where its states stand among those of all streams.
    func states(of stream: Int) -> Range<Int> { stream * window..<(stream + 1) * window }
}
