package standard

// Fold is fold, for the test that makes the table of countries.
func Fold(text string) string { return fold(text) }
