package store

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
)

// ValidText says whether a text can be kept: UTF-8 without NUL.
func ValidText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// CheckText returns ErrText, with the name of the field, if a text anywhere in
// a record is not valid. Byte slices are not text.
func CheckText(record any) error { return checkValue(reflect.ValueOf(record), "value") }

func checkValue(v reflect.Value, name string) error {
	switch v.Kind() {
	case reflect.String:
		if !ValidText(v.String()) {
			return fmt.Errorf("%w: %s", ErrText, name)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return checkValue(v.Elem(), name)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return nil
		}
		for i := range v.Len() {
			if err := checkValue(v.Index(i), name); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() { // of time.Time
				continue
			}
			if err := checkValue(v.Field(i), field.Name); err != nil {
				return err
			}
		}
	}
	return nil
}
