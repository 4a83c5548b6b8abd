package public

import (
	"os"
	"testing"

	"earshot/internal/test/browser"
)

func TestMain(m *testing.M) { os.Exit(browser.Run(m)) }
