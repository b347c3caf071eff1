package import Frames

/// Watches a stream's pictures for what befalls the camera itself: turns, knocks, covers, lamps. It looks at a small luma
/// picture ten times a second, also between the pictures that the model sees. Allocates for a new size and after a gap of
/// seconds only.
package struct CameraWatch {
    /// The seconds between two views, a little less than a tenth for sources of ten pictures a second.
    private static let interval = 0.09
    /// For how long a cover or a blur keeps the usual view as it was. After that, what covers it is the usual view: a wall that
    /// was built.
    private static let patience = 3600.0
    /// The same for what may yet become a cover or a blur, and for noise.
    private static let doubt = 60.0
    /// As a logarithm of the levels.
    private static let sameLight: Float = 0.03
    /// The seconds in which a camera that begins finds its exposure and its colours.
    private static let settling = 4.0

    private var reducer = LumaReducer()
    private var tracker = ViewTracker()
    private var usual = UsualView()
    private var views = ViewHistory()
    private var cuts = CutJudge()
    private var motion = MotionJudge()
    private var lens = LensJudge()
    private var light = LightJudge()
    private var flash = FlashJudge()
    private var stop = StopJudge()
    private var colours = ColourJudge()
    private var tears = TearJudge()
    private var colour: Float = 0
    private var turnedAt = 0.0
    private var hiddenAt = -Double.infinity
    private var beganAt = -Double.infinity
    private var troubleSince: Double?
    private var doubtSince: Double?
    private var newest = CameraMeasures()
    private var highest = CameraMeasures()
    private var isTaken = false

    package init() {}

    /// Takes what the sampled picture that was watched last measured.
    package mutating func note(_ picture: PictureMeasures) {
        colour = picture.colour
        guard views.count > 0 else { return }
        let time = views[0].time
        colours.take(picture, at: time, isPlain: time - hiddenAt > 0.5)
    }

    /// The highest measures of the views since the last call; the same again if there was none.
    package mutating func takeMeasures() -> CameraMeasures {
        isTaken = true
        return highest
    }

    /// Whether a picture at this time is due to be watched.
    package func isDue(at time: Double) -> Bool {
        views.count == 0 || time - views[0].time >= Self.interval || time < views[0].time
    }

    /// Watches a picture.
    ///
    /// - Parameter time: in seconds. Times that go back, or leave a gap of seconds, are of another run of pictures.
    package mutating func watch(_ plane: LumaPlane, at time: Double) {
        if views.count > 0, time < views[0].time || time - views[0].time > 5 { forget() }
        // Detail depends on the size.
        if reducer.isOther(plane) { forget() }
        guard reducer.reduce(plane) else { return }
        newest = CameraMeasures()
        var step = tracker.follow(reducer.cells, at: time, keepsHome: isTroubled(at: time))
        usual.take(tracker, detail: reducer.detail)
        // Edges that went while nearly all of the light is where it was are blurred, not elsewhere.
        let isRelit = !step.isLost && !step.isElsewhere || step.relit >= Self.sameLight
        if !isRelit { step.isElsewhere = false }
        if cuts.judge(step, texture: tracker.texture, isRelit: isRelit, at: time) { cut(&step, at: time) }
        newest.isCut = cuts.mayBeCut
        add(step, at: time)
        motion.judge(&views, step, tracker, &newest)
        if motion.isTurned || views.count == 1 { turnedAt = time }
        let calm = time - turnedAt
        let isFlat = usual.isFlat()
        if isFlat { tears.begin() } else { tears.judge(BlockEdges.share(plane), at: time, &newest) }
        lens.judge(&views, &usual, home: step.home, isFlat: isFlat, calm: calm, &newest)
        if isFlat || lens.isCovered { hiddenAt = time }
        let isSettled = calm >= 0.75 && time - hiddenAt > 2.4 && time - beganAt > Self.settling
        light.judge(views, home: step.home, isPlain: isSettled, &newest)
        flash.judge(views, usual, tracker, calm: motion.isNewView ? 0 : calm, &newest)
        stop.judge(
            reducer.cells,
            at: time,
            isPlain: hiddenAt < time,
            isDoubtful: lens.isDoubtful || light.isNewLight,
            isTurned: motion.isNewView || newest.isTurned || newest.isCut,
            isOther: calm == 0 || motion.isNewView || step.home < 0.4,
            &newest
        )
        colours.judge(at: time, &newest)
        learn(step, at: time, calm: calm)
        if isTaken { highest = newest } else { highest.formMaximum(newest) }
        isTaken = false
    }

    private mutating func add(_ step: ViewTracker.Step, at time: Double) {
        var view = ViewHistory.View()
        view.time = time
        view.place = SIMD2(step.x, step.y)
        view.step = views.count > 0 ? SIMD2<Float>(view.place - views[0].place) : .zero
        view.isLost = step.isLost
        view.likeness = step.likeness
        view.colour = colour
        views.add(view, means: tracker.means)
    }

    /// Whether the view is hidden or blurred, or may be, and has not been for so long that it counts as usual.
    private func isTroubled(at time: Double) -> Bool {
        guard let troubleSince, time - troubleSince <= Self.patience else { return false }
        return doubtSince.map { time - $0 <= Self.doubt } ?? true
    }

    private mutating func learn(_ step: ViewTracker.Step, at time: Double, calm: Double) {
        let isTrouble = hiddenAt == time || lens.isBlurred
        let isDoubt = !isTrouble && (lens.isNoisy || lens.isDoubtful)
        troubleSince = isTrouble || isDoubt ? troubleSince ?? time : nil
        doubtSince = isDoubt ? doubtSince ?? time : nil
        let isOther =
            motion.isNewView || motion.isTurned || light.isNewLight
            || newest[.moved] > 0 && calm < 0.6 || time - colours.switchedAt < 2
        if isOther {
            usual.begin()
        } else if !step.isLost, !views[0].isMoving, !isTroubled(at: time) {
            // Where things pass all the time, what they hide at rest is usual, and not they.
            usual.approach()
        }
    }

    /// Begins with another picture.
    private mutating func cut(_ step: inout ViewTracker.Step, at time: Double) {
        tracker.begin(at: time)
        (step.x, step.y) = (0, 0)
        step.isLost = false
        step.isElsewhere = false
        (step.likeness, step.home) = (1, 1)
        views.clear()
        tears.begin()
        usual.begin()
        motion.cut(isReported: cuts.isFirst, at: time)
        lens = LensJudge()
        light.begin()
        flash.begin()
        beganAt = time
        (hiddenAt, troubleSince, doubtSince) = (-.infinity, nil, nil)
    }

    private mutating func forget() {
        tracker = ViewTracker()
        usual = UsualView()
        views = ViewHistory()
        (motion, lens, light, flash, stop) = (MotionJudge(), LensJudge(), LightJudge(), FlashJudge(), StopJudge())
        (cuts, tears) = (CutJudge(), TearJudge())
        colours.restart()
        (turnedAt, hiddenAt, beganAt, troubleSince, doubtSince) = (0, -.infinity, -.infinity, nil, nil)
    }
}

extension CameraMeasures {
    /// Whether the camera was seen to turn, shake or move.
    fileprivate var isTurned: Bool {
        let turns = self[.panLeft] + self[.panRight] + self[.tiltUp] + self[.tiltDown]
        return turns + self[.moved] + self[.shake] > 0
    }
}
