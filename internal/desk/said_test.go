package desk

import "testing"

func TestSaid(t *testing.T) {
	for excerpt, want := range map[string]string{
		"@help My line is down":                       "My line is down",
		"@help@acme.example: my line is down":         "my line is down",
		"@help @ana #acme #fail no light here #acme":  "no light here",
		"No light #acme here #fail #störung #Ausfal…": "No light #acme here",
		"#service #fail #provider":                    "#service #fail #provider",
		"@help":                                       "@help",
		"":                                            "",
		"#3 is broken, @ana":                          "#3 is broken, @ana",
		"@ # is all I see":                            "@ # is all I see",
		"see ticket #12":                              "see ticket #12",
		"@ヘルプ ネットが 使えない #障害": "ネットが 使えない",
	} {
		if got := Said(excerpt); got != want {
			t.Errorf("%q: %q, want %q", excerpt, got, want)
		}
	}
}
