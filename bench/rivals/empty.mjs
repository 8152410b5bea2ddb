// Nothing, as the measure of something.
