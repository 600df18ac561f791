-- 새 소켓의 첫 프레임이 왔다: 직전 비밀을 죽인다.
-- KEYS[1]  resume:{match}:<player> hash
-- ARGV     1 그 소켓의 epoch
-- 답       1, 또는 더 새로운 접속이 있거나 자리가 없으면 0
-- 불변조건 지금 epoch의 소켓만 확인할 수 있다.
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then
  return 0
end
redis.call('HDEL', KEYS[1], 'previous', 'previous_until_ms')
return 1
