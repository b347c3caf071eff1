import Frames
import Testing

@Suite struct RegionTests {
    @Test(arguments: [
        (Region.whole, 64, 48, 0..<64, 0..<48),
        (Region(x: 0.25, y: 0.5, width: 0.5, height: 0.25), 64, 48, 16..<48, 24..<36),
        // Nearest: 0.1 of 64 is 6.4, 0.4 of it 25.6.
        (Region(x: 0.1, y: 0, width: 0.3, height: 1), 64, 48, 6..<26, 0..<48),
        // Never empty, and never beyond the picture.
        (Region(x: 1, y: 0.999, width: 0.001, height: 0.001), 64, 48, 63..<64, 47..<48),
        (Region(x: 0.9, y: 0.9, width: 0.3, height: 0.3), 10, 10, 9..<10, 9..<10),
        (Region(x: 0.4, y: 0.4, width: 0.2, height: 0.2), 1, 1, 0..<1, 0..<1),
    ])
    func nearestPixels(region: Region, width: Int, height: Int, columns: Range<Int>, rows: Range<Int>) {
        #expect(region.nearestPixels(width: width, height: height) == PixelRectangle(columns: columns, rows: rows))
    }

    @Test(arguments: [
        (Region.whole, 64, 48, 0..<64, 0..<48),
        (Region(x: 0.25, y: 0.5, width: 0.5, height: 0.25), 64, 48, 16..<48, 24..<36),
        // Outwards: 6.4 and 25.6.
        (Region(x: 0.1, y: 0, width: 0.3, height: 1), 64, 48, 6..<26, 0..<48),
        (Region(x: 0.12, y: 0.01, width: 0.3, height: 0.01), 64, 48, 7..<27, 0..<1),
        // 0.1 + 0.2 is slightly more than 0.3: column 3 of 10 is not touched.
        (Region(x: 0.1, y: 0.1, width: 0.2, height: 0.2), 10, 10, 1..<3, 1..<3),
        (Region(x: 0.7, y: 0.7, width: 0.3, height: 0.3), 10, 10, 7..<10, 7..<10),
        (Region(x: 0.9, y: 0.9, width: 0.3, height: 0.3), 10, 10, 9..<10, 9..<10),
    ])
    func touchedPixels(region: Region, width: Int, height: Int, columns: Range<Int>, rows: Range<Int>) {
        #expect(region.touchedPixels(width: width, height: height) == PixelRectangle(columns: columns, rows: rows))
    }
}
