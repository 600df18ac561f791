-- 등록부의 한 순간: 서버마다의 칸들과 드레인 지시가 있는 서버들을 함께 읽는다.
-- KEYS[1]  {fleet}:servers   zset id -> 부하
-- KEYS[2]  {fleet}:draining  set
-- ARGV     1 서버 hash의 앞머리({fleet}:server:)  2.. 읽을 칸들
-- 답       {{초, 마이크로초}, {드레인 지시가 있는 서버..}, {{id, 부하, {칸..}}..}}   시각은 Redis의 것
-- 불변조건 등록하거나 빠지는 중인 서버가 반만 보이는 일이 없다: 칸이 빈 서버는 하트비트가 끊긴 서버다.
local fields = {}
for i = 2, #ARGV do
  fields[#fields + 1] = ARGV[i]
end
local ranked = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
local servers = {}
for i = 1, #ranked, 2 do
  local row = redis.call('HMGET', ARGV[1] .. ranked[i], unpack(fields))
  servers[#servers + 1] = { ranked[i], ranked[i + 1], row }
end
return { redis.call('TIME'), redis.call('SMEMBERS', KEYS[2]), servers }
