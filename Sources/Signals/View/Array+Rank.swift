extension Array where Element == Float {
    /// The median of the first `count` values, sorted into this array's own room.
    mutating func middle(of values: [Float], count: Int) -> Float { rank(of: values, count: count, share: 0.5) }

    /// The value that a share of the first `count` values does not exceed, sorted into this array's own room; 0 without
    /// values. They are as few as blocks.
    mutating func rank(of values: [Float], count: Int, share: Float) -> Float {
        guard count > 0 else { return 0 }
        for index in 0..<count {
            let new = values[index]
            var place = index
            while place > 0, self[place - 1] > new {
                self[place] = self[place - 1]
                place -= 1
            }
            self[place] = new
        }
        return self[Swift.min(count - 1, Int(Float(count) * share))]
    }
}
