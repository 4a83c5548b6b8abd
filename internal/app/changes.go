package app

import "time"

// changesExpire is how long those who follow along may have been away.
const changesExpire = 24 * time.Hour
