/// To be written.
enum WebFeedError: Error {}
